import { onTestFinished } from "vitest";
import { LongWorks } from "../../src/engine/concurrency/long-work.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import type { CarrierEvent } from "../../src/rpc/carrier-log.ts";
import { contractServices } from "../../src/rpc/contract.ts";
import { type GrpcServer, type GrpcServerOptions, startGrpcServer } from "../../src/rpc/grpc/grpc-server.ts";
import { connect, type TestClient } from "./client.ts";
import { type StubAnswers, type StubEngine, stubEngine } from "./stub-engine.ts";

export interface Served {
  readonly engine: StubEngine;
  readonly server: GrpcServer;
  readonly client: TestClient;
  readonly log: readonly CarrierEvent[];
  /** Another client, on a connection of its own. */
  connect(): TestClient;
}

/** A real server with a real client over a stub engine, closed when the test ends. */
export async function serve(answers: StubAnswers = {}, options: Partial<GrpcServerOptions> = {}): Promise<Served> {
  const engine = stubEngine(answers);
  const log: CarrierEvent[] = [];
  const about = { version: "1.2.3", adapters: { strategies: "memory", market_data: "simulated" } };
  const server = await startGrpcServer({
    address: "127.0.0.1:0",
    services: contractServices(engine, about),
    ready: () => true,
    log: (event) => log.push(event),
    longWorks: new LongWorks(systemClock),
    ...options,
  });
  const clients: TestClient[] = [];
  const another = (): TestClient => {
    const client = connect(server.address);
    clients.push(client);
    return client;
  };
  onTestFinished(() => {
    for (const client of clients) {
      client.close();
    }
    server.close();
  });
  return { engine, server, client: another(), log, connect: another };
}

/** A promise with its resolve beside it. */
export function gate<T = void>(): { readonly opened: Promise<T>; open(value: T): void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { opened: promise, open: resolve };
}
