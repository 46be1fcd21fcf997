"""A thin client of the runtime: every call has a deadline, every refusal is readable."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

sys.path.insert(0, str(Path(__file__).parent / "generated"))
try:
    from strategyruntime.v1 import performance_service_pb2_grpc, runtime_service_pb2_grpc, strategy_service_pb2_grpc
except ModuleNotFoundError as error:
    raise SystemExit("there is no generated code yet: run python generate.py") from error

Request = TypeVar("Request")
Response = TypeVar("Response")

DEADLINE_S = 5.0


class Refused(Exception):
    """The runtime refused a call. `faults` are (field, what is wrong with it), all of them, where the request was at fault."""

    def __init__(self, code: grpc.StatusCode, message: str, faults: list[tuple[str, str]]) -> None:
        super().__init__(message)
        self.code = code
        self.faults = faults

    def __str__(self) -> str:
        if not self.faults:
            return f"{self.code.name}: {super().__str__()}"
        return "\n".join([f"{self.code.name}:"] + [f"  {field}: {what}" for field, what in self.faults])


class Runtime:
    """The services of the runtime that a strategy generator uses."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address)
        self.strategies = strategy_service_pb2_grpc.StrategyServiceStub(self._channel)
        self.signals = runtime_service_pb2_grpc.StrategyRuntimeServiceStub(self._channel)
        self.performance = performance_service_pb2_grpc.PerformanceServiceStub(self._channel)

    def call(self, method: Callable[..., Response], request: Request) -> Response:
        """Makes a unary call. Waits for a server that is just starting, but never past the deadline."""
        try:
            return method(request, timeout=DEADLINE_S, wait_for_ready=True)
        except grpc.RpcError as error:
            raise refused(error) from error

    def __enter__(self) -> "Runtime":
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()


def refused(error: grpc.RpcError) -> Refused:
    """What gRPC says of a failed call, with the BadRequest in its details."""
    faults: list[tuple[str, str]] = []
    status = rpc_status.from_call(error)
    for detail in status.details if status is not None else []:
        bad_request = error_details_pb2.BadRequest()
        if detail.Unpack(bad_request):
            faults += [(violation.field, violation.description) for violation in bad_request.field_violations]
    return Refused(error.code(), error.details() or "", faults)
