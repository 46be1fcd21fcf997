"""Stock gRPC clients around a server that is told to go down: an open follow stream, a unary call in flight, a watch of health.

Arguments: the address. Says "in flight" once all three are under way, and what came of them, as JSON, when all have ended.
"""

import json
import sys
import threading

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

sys.path.insert(0, "generated")
from strategyruntime.v1 import (  # noqa: E402
    runtime_service_pb2,
    runtime_service_pb2_grpc,
    strategy_pb2,
    strategy_service_pb2,
    strategy_service_pb2_grpc,
)

# The same strategy again and again: the runtime saves equal ids one after the other, so the call takes its time.
SAVES = 100


def draft(number: int) -> strategy_pb2.StrategyConfig:
    condition = strategy_pb2.Condition(name="RSI", operator="<", value=30)
    return strategy_pb2.StrategyConfig(
        strategy_id="saved-in-flight", name=f"Save {number}", status=strategy_pb2.STRATEGY_STATUS_CANDIDATE,
        entry_indicators=[condition], base_size_usd=100, stop_loss_pct=0.02, take_profit_pct=0.05,
    )


class Reader(threading.Thread):
    """Reads a stream to its end, and remembers the status with which it ended."""

    def __init__(self, stream, take) -> None:
        super().__init__(daemon=True)
        self.first = threading.Event()
        self.code = ""
        self.details = ""
        self._stream = stream
        self._take = take
        self.start()

    def run(self) -> None:
        try:
            for message in self._stream:
                self._take(message)
                self.first.set()
        except grpc.RpcError as error:
            self.code, self.details = error.code().name, error.details()


def main(address: str) -> None:
    # A channel each, as different programs would have.
    channels = [grpc.insecure_channel(address) for _ in range(3)]
    signals = runtime_service_pb2_grpc.StrategyRuntimeServiceStub(channels[0])
    strategies = strategy_service_pb2_grpc.StrategyServiceStub(channels[1])
    health = health_pb2_grpc.HealthStub(channels[2])

    decided: list[str] = []
    tokens: list[str] = []
    statuses: list[str] = []

    def take_signals(message) -> None:
        decided.extend(decision.decision_id for decision in message.decisions)
        tokens.append(message.resume_token)

    request = runtime_service_pb2.GenerateSignalsRequest(follow=True, resume_token="start")
    follow = Reader(signals.GenerateSignals(request), take_signals)
    watch = Reader(
        health.Watch(health_pb2.HealthCheckRequest()),
        lambda message: statuses.append(health_pb2.HealthCheckResponse.ServingStatus.Name(message.status)),
    )
    follow.first.wait(20)
    watch.first.wait(20)

    batch = strategy_service_pb2.BatchSaveStrategiesRequest(strategies=[draft(number) for number in range(SAVES)])
    saving = strategies.BatchSaveStrategies.future(batch, timeout=30)
    look = strategy_service_pb2.GetStrategyRequest(strategy_id="saved-in-flight")
    while not saving.done():
        try:
            strategies.GetStrategy(look, timeout=5)
            break
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.NOT_FOUND:
                raise
    if saving.done():
        raise SystemExit("the batch was saved before anybody could look")
    print("in flight", flush=True)

    results = saving.result().results
    for reader in (follow, watch):
        reader.join(20)
    outcome = {
        "saved": sum(result.HasField("strategy") for result in results),
        "stream": {"code": follow.code, "details": follow.details, "token": tokens[-1], "decided": decided},
        "health": {"statuses": statuses, "code": watch.code},
    }
    print(json.dumps(outcome), flush=True)


main(sys.argv[1])
