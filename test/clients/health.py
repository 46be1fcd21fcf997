"""The stock health client: prints what Check says of each service named, one a line."""

import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

with grpc.insecure_channel(sys.argv[1]) as channel:
    health = health_pb2_grpc.HealthStub(channel)
    for service in sys.argv[2:]:
        try:
            answer = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
            print(service, health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))
        except grpc.RpcError as error:
            print(service, error.code().name)
