import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  type GenerateSignalsResponse,
  StrategyRuntimeService,
} from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import type { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import { connect } from "../rpc/client.ts";
import {
  eventually,
  insertStrategy,
  isReady,
  type Production,
  type Stores,
  sql,
  startExchange,
  startProduction,
  startStores,
} from "./production.ts";

const LOST = 6;
const { generateSignals } = StrategyRuntimeService.method;

let stores: Stores;
let exchange: FakeExchange;
let production: Production;

beforeAll(async () => {
  [stores, exchange] = await Promise.all([startStores(), startExchange()]);
  production = await startProduction(stores, exchange);
  await isReady(production.api);
});

afterAll(async () => {
  await production?.server.close();
  await exchange?.close();
  await stores?.close();
});

/**
 * An executor that follows from the token on, and notes what it has seen until it is stopped, or
 * refused.
 */
function executor(resumeToken: string) {
  const client = connect(production.server.address);
  const stream = client.stream(generateSignals, { follow: true, resumeToken });
  const seen = { sequence: 0, token: "", error: undefined as { code: number; details: string } | undefined };
  stream.on("data", ({ decisions, resumeToken: token }: GenerateSignalsResponse) => {
    seen.sequence = Number(decisions.at(-1)?.sequence ?? seen.sequence);
    seen.token = token;
  });
  stream.on("error", (error) => {
    seen.error = error as unknown as { code: number; details: string };
  });
  const stop = () => {
    stream.cancel();
    client.close();
  };
  onTestFinished(stop);
  return { seen, stop };
}

describe("a database that was restored from a copy", () => {
  it("has the tokens of before refused once the sequence has passed them, and goes on from those of now", {
    timeout: 90_000,
  }, async () => {
    const { server } = production;
    const client = await sql(stores.postgres);
    await insertStrategy(client, "every-bar");
    const before = executor("start");
    await eventually(
      async () => before.seen.sequence,
      (sequence) => sequence >= 15,
      30_000,
    );
    before.stop();
    const { sequence, token } = before.seen;
    await server.kill("SIGTERM");
    await client.query("DELETE FROM sg_decisions WHERE sequence > $1", [sequence - LOST]);
    await client.query("UPDATE sg_journal SET last_sequence = $1", [sequence - LOST]);
    await server.restart();
    const now = executor("start");
    await eventually(
      async () => now.seen.sequence,
      (reached) => reached > sequence + 4,
      30_000,
    );
    const late = executor(token);
    await eventually(
      async () => late.seen.error,
      (error) => error !== undefined,
    );
    expect(late.seen).toMatchObject({
      sequence: 0,
      error: { code: status.FAILED_PRECONDITION, details: expect.stringContaining('go on with "start"') },
    });
    now.stop();
    const again = executor(now.seen.token);
    await eventually(
      async () => again.seen.sequence,
      (reached) => reached > now.seen.sequence,
      20_000,
    );
    expect(again.seen.error).toBeUndefined();
  });
});
