import { once } from "node:events";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { StrategyRuntimeService } from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import type { SignalBatch } from "../../src/engine/api.ts";
import { collect } from "./client.ts";
import * as sample from "./samples.ts";
import { gate, serve } from "./serve.ts";
import { serveWeb } from "./serve-web.ts";

const { generateSignals } = StrategyRuntimeService.method;
const BUG = new Error("a is undefined");

/** A message that cannot be encoded. */
function unsendable(): SignalBatch {
  return sample.aBatch({
    get decisions(): never {
      throw BUG;
    },
  });
}

describe("a fault in a stream's encoder", () => {
  it("ends that stream with INTERNAL, is logged once, and no other stream hears of it", async () => {
    const more = gate();
    const { client, log } = await serve({
      runtime: {
        async *follow({ symbols }) {
          yield sample.aBatch({ resumeToken: "first" });
          if (symbols.includes("BAD")) {
            yield unsendable();
          }
          await more.opened;
          yield sample.aBatch({ resumeToken: "second" });
        },
      },
    });
    const good = client.stream(generateSignals, { follow: true });
    const messages: string[] = [];
    good.on("data", ({ resumeToken }) => messages.push(resumeToken));
    const bad = await collect(client.stream(generateSignals, { follow: true, symbols: ["BAD"] }));
    expect(bad.error?.code).toBe(status.INTERNAL);
    more.open();
    await once(good, "end");
    expect(messages).toEqual(["first", "second"]);
    expect(log).toMatchObject([{ kind: "failed", error: { code: "internal", cause: BUG } }]);
  });
});

describe("a fault in a page", () => {
  it("is answered with 500 and told, and the next request is answered", async () => {
    let isBroken = true;
    const readiness = () => {
      if (isBroken) {
        throw BUG;
      }
      return { ready: true, reasons: [] };
    };
    const { url, log } = await serveWeb({}, { readiness });
    const failed = await fetch(`${url}/readyz`);
    expect([failed.status, await failed.text()]).toEqual([500, "internal error; see the log\n"]);
    expect(log).toEqual([{ kind: "thrown", where: "page", error: BUG }]);
    isBroken = false;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });
});
