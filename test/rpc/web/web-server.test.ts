import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConnectError } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import type { Readiness } from "../../../src/rpc/web/web-pages.ts";
import { run } from "../../provide/command.ts";
import { provideCurl } from "../../provide/curl.ts";
import * as sample from "../samples.ts";
import { gate } from "../serve.ts";
import { PROTOCOLS, serveWeb } from "../serve-web.ts";

const POLICY = "/strategyruntime.v1.PolicyService";
const RUNTIME = "/strategyruntime.v1.StrategyRuntimeService";

describe("the pages of the web port", () => {
  it("say that the process lives, ready or not", async () => {
    const { url } = await serveWeb({}, { readiness: () => ({ ready: false, reasons: ["no policy"] }) });
    const response = await fetch(`${url}/healthz`);
    expect([response.status, await response.text()]).toEqual([200, "alive\n"]);
  });

  it("say whether the service is ready, and why not, as text and as JSON", async () => {
    let readiness: Readiness = { ready: false, reasons: ["policy: it is 12 s old", "journal: cannot be written"] };
    const { url } = await serveWeb({}, { readiness: () => readiness });
    const text = await fetch(`${url}/readyz`);
    expect([text.status, await text.text()]).toEqual([
      503,
      "not ready\npolicy: it is 12 s old\njournal: cannot be written\n",
    ]);
    const json = await fetch(`${url}/readyz`, { headers: { accept: "application/json, */*;q=0.1" } });
    expect([json.status, json.headers.get("content-type"), await json.json()]).toEqual([
      503,
      "application/json",
      readiness,
    ]);
    readiness = { ready: true, reasons: ["market data: 1m: bars come by REST, 1.2 s late"] };
    const ready = await fetch(`${url}/readyz?verbose`);
    expect([ready.status, await ready.text()]).toEqual([
      200,
      "ready\nmarket data: 1m: bars come by REST, 1.2 s late\n",
    ]);
  });

  it("show the metrics that were handed in, or what went wrong", async () => {
    let text = async () => "up 1\n";
    const metrics = { contentType: "text/plain; version=0.0.4", text: () => text() };
    const { url } = await serveWeb({}, { metrics });
    const response = await fetch(`${url}/metrics`);
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
      200,
      "text/plain; version=0.0.4",
      "up 1\n",
    ]);
    text = () => Promise.reject(new Error("no luck"));
    const failed = await fetch(`${url}/metrics`);
    expect([failed.status, await failed.text()]).toEqual([500, "the metrics could not be collected: no luck\n"]);
  });

  it("answer HEAD without a body, and nothing but reading", async () => {
    const { url } = await serveWeb();
    const head = await fetch(`${url}/healthz`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const post = await fetch(`${url}/readyz`, { method: "POST" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  it("say what there is where there is nothing", async () => {
    const { url } = await serveWeb();
    const nothing = await fetch(`${url}/metrcs`);
    expect(nothing.status).toBe(404);
    expect(await nothing.text()).toMatch(
      /\/healthz, \/readyz, and POST .* of strategyruntime.v1.StrategyRuntimeService/,
    );
    const method = await fetch(`${url}${POLICY}/SetPolicy`, { method: "POST" });
    expect([method.status, await method.text()]).toMatchObject([
      404,
      expect.stringMatching(/has no method "SetPolicy": it has GetPolicy, /),
    ]);
  });
});

describe("curl", () => {
  it("makes each kind of call", async () => {
    const { curl } = await provideCurl();
    const { url } = await serveWeb();
    const json = ["--silent", "--header", "content-type: application/json"];
    const unary = await run(curl, [...json, "--data", "{}", `${url}${RUNTIME}/GetRuntimeStatus`]);
    expect(JSON.parse(unary)).toMatchObject({ version: "1.2.3", whyNot: ["no policy"] });
    const failed = await run(curl, [...json, "--data", "{}", `${url}${POLICY}/SetTradingHalt`]);
    expect(JSON.parse(failed)).toMatchObject({ policy: {} });
    // A stream wants its one message in an envelope: a byte of flags and the length in four.
    const folder = mkdtempSync(join(tmpdir(), "test-curl-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const message = Buffer.from(JSON.stringify({ symbols: ["BTCUSDT"] }));
    const envelope = Buffer.alloc(5);
    envelope.writeUInt32BE(message.length, 1);
    writeFileSync(join(folder, "request"), Buffer.concat([envelope, message]));
    const streamed = await run(curl, [
      "--silent",
      ...["--header", "content-type: application/connect+json", "--data-binary", `@${join(folder, "request")}`],
      `${url}${RUNTIME}/GenerateSignals`,
    ]);
    expect(streamed).toContain('"strategyId":"dip"');
    expect(streamed).toMatch(/\{"metadata":\{\}\}$|\{\}$/);
  });
});

describe("drain of the web port", () => {
  it.each(PROTOCOLS)(
    "ends endless streams of %s with unavailable after the messages already sent",
    async (protocol) => {
      const never = gate();
      const { client, server } = await serveWeb({
        runtime: {
          async *follow() {
            for (let index = 0; index < 50; index++) {
              yield sample.aBatch({ resumeToken: `t${index}` });
            }
            await never.opened;
          },
        },
      });
      const tokens: string[] = [];
      const stream = client(protocol, StrategyRuntimeService).generateSignals({ follow: true });
      const start = performance.now();
      const failure = (async () => {
        for await (const { resumeToken } of stream) {
          tokens.push(resumeToken);
          if (tokens.length === 50) {
            void server.drain(5_000);
          }
        }
      })().catch((error) => ConnectError.from(error));
      expect((await failure)?.message).toBe(
        "[unavailable] the server is going down: connect again and resume with the last resume_token received",
      );
      await server.drain(0);
      expect(performance.now() - start).toBeLessThan(4_000);
      expect(tokens).toEqual(Array.from({ length: 50 }, (_, i) => `t${i}`));
    },
  );

  it("says that it is not ready, lets calls finish, and refuses new ones", async () => {
    const held = gate();
    const reached = gate();
    const { url, post, server } = await serveWeb({
      runtime: {
        status: () => sample.STATUS,
        refresh: async () => {
          reached.open();
          await held.opened;
          throw new TypeError("finished");
        },
      },
    });
    const unary = post(`${RUNTIME}/RefreshStrategies`, {});
    await reached.opened;
    const drained = server.drain(10_000);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, "not ready\nthe server is going down\n"]);
    expect(await post(`${POLICY}/GetPolicy`, {})).toMatchObject({ status: 503, json: { code: "unavailable" } });
    held.open();
    expect((await unary).status).toBe(500);
    await drained;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it("cuts off what is left after the grace", async () => {
    const reached = gate();
    const { post, server } = await serveWeb({ runtime: { refresh: () => new Promise(() => reached.open()) } });
    const failed = expect(post(`${RUNTIME}/RefreshStrategies`, {})).rejects.toThrow();
    await reached.opened;
    await server.drain(100);
    await failed;
  });
});
