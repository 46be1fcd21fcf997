import { once } from "node:events";
import { get } from "node:http";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { PolicyService } from "../../gen/strategyruntime/v1/policy_service_pb.ts";
import { connect } from "../rpc/client.ts";
import { flood, HALVES } from "../rpc/connections/half-open.ts";
import { startServer } from "../running-server.ts";

const { getPolicy } = PolicyService.method;

async function page(address: string, path: string): Promise<string> {
  const [response] = await once(get(`http://${address}${path}`, { agent: false }), "response");
  let text = `${response.statusCode} `;
  for await (const chunk of response) {
    text += chunk;
  }
  return text;
}

describe("the service under a flood of halves of requests", { timeout: 120_000 }, () => {
  it("answers probes and calls, counts what it closed, and has one line of it", async () => {
    const server = await startServer({
      WEB_ADDRESS: "127.0.0.1:0",
      PROBE_ADDRESS: "127.0.0.1:0",
      DATA_DIR: "memory",
      MAX_CONNECTIONS: "300",
      MAX_CONNECTIONS_PER_ADDRESS: "200",
    });
    const [, web = ""] = await server.says(/"webAddress":"([^"]+)"/);
    const [, probes = ""] = await server.says(/"probeAddress":"([^"]+)"/);
    const port = (address: string) => Number(address.split(":").at(-1));
    const client = connect(server.address);
    onTestFinished(() => client.close());
    await client.call(getPolicy, {});

    const halves = Object.values(HALVES);
    const floods = [web, probes, server.address].map((address, index) =>
      flood(port(address), halves[index] ?? "", 2_000),
    );
    let isSent = false;
    const sent = Promise.all(floods.map((each) => each.sent)).then(() => {
      isSent = true;
    });
    const tookMs: number[] = [];
    while (!isSent) {
      for (const address of [web, probes]) {
        for (const path of ["/healthz", "/readyz"]) {
          const start = performance.now();
          expect(await page(address, path)).toMatch(/^200 (alive|ready)/);
          tookMs.push(performance.now() - start);
        }
      }
    }
    await sent;
    expect(Math.max(...tookMs)).toBeLessThan(5_000);
    await client.call(getPolicy, {}, { deadline: Date.now() + 10_000 });

    const closed = async () => {
      const [, count] =
        /connections_closed_total\{reason="unfinished"\} (\d+)/.exec(await page(probes, "/metrics")) ?? [];
      return Number(count);
    };
    // The youngest are given their time to send the rest.
    await vi.waitFor(async () => expect(await closed()).toBeGreaterThan(1_500), 10_000);
    const open = async () => {
      const [, callers] =
        /strategy_runtime_connections\{of="callers"\} (\d+)/.exec(await page(probes, "/metrics")) ?? [];
      return Number(callers);
    };
    await vi.waitFor(async () => expect(await open()).toBeLessThanOrEqual(200), 10_000);
    const lines = server.output.match(/closed a connection of 127\.0\.0\.1, which had sent no whole request/g);
    expect(lines).toHaveLength(1);
  });
});
