import { onTestFinished } from "vitest";
import { LongWorks } from "../../src/engine/concurrency/long-work.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import { contractServices } from "../../src/rpc/contract.ts";
import { startWebServer } from "../../src/rpc/web/web-server.ts";
import { type Rig, type RigOptions, startRig } from "../engine/rig.ts";

/** What a call as JSON was told. */
export interface WebAnswer {
  readonly status: number;
  /** The answer, or Connect's error. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Of an error. */
  readonly violations: readonly { readonly field: string; readonly description: string }[];
  /** Of a save. */
  readonly warnings: readonly string[];
}

export interface ServedWebRig {
  readonly rig: Rig;
  /** Calls a method such as "StrategyService/SaveStrategy"; a text is sent as it is. */
  post(method: string, body: unknown): Promise<WebAnswer>;
}

/** The whole engine behind a real web port, over a scripted market. */
export async function serveWebRig(options: RigOptions = {}): Promise<ServedWebRig> {
  const rig = await startRig({ symbols: [], ...options });
  const server = await startWebServer({
    address: "127.0.0.1:0",
    services: contractServices(rig.engine, { version: "1.2.3", adapters: {} }),
    readiness: () => ({ ready: true, reasons: [] }),
    log: () => {},
    longWorks: new LongWorks(systemClock),
  });
  onTestFinished(() => server.close());
  return {
    rig,
    async post(method, body) {
      const response = await fetch(`http://${server.address}/strategyruntime.v1.${method}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      const json = (await response.json()) as {
        details?: readonly { readonly debug?: { readonly fieldViolations?: WebAnswer["violations"] } }[];
        warnings?: readonly string[];
      };
      return {
        status: response.status,
        json,
        violations: json.details?.flatMap(({ debug }) => debug?.fieldViolations ?? []) ?? [],
        warnings: json.warnings ?? [],
      };
    },
  };
}
