import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { onTestFinished } from "vitest";
import { LongWorks } from "../../src/engine/concurrency/long-work.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import type { CarrierEvent } from "../../src/rpc/carrier-log.ts";
import { contractServices } from "../../src/rpc/contract.ts";
import { startWebServer, type WebServer, type WebServerOptions } from "../../src/rpc/web/web-server.ts";
import { type StubAnswers, type StubEngine, stubEngine } from "./stub-engine.ts";

/** The ways in which stock connect-node clients speak to the web port. */
export const PROTOCOLS = ["Connect", "Connect JSON", "gRPC-Web"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface ServedWeb {
  readonly engine: StubEngine;
  readonly server: WebServer;
  /** "http://127.0.0.1:8080". */
  readonly url: string;
  readonly log: readonly CarrierEvent[];
  client<S extends DescService>(protocol: Protocol, service: S): Client<S>;
  /** A call as curl makes it: JSON in, JSON out. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<JsonAnswer>;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: unknown;
}

/** A real web server over a stub engine, closed when the test ends. */
export async function serveWeb(answers: StubAnswers = {}, options: Partial<WebServerOptions> = {}): Promise<ServedWeb> {
  const engine = stubEngine(answers);
  const log: CarrierEvent[] = [];
  const about = { version: "1.2.3", adapters: { strategies: "memory", market_data: "simulated" } };
  const server = await startWebServer({
    address: "127.0.0.1:0",
    services: contractServices(engine, about),
    readiness: () => ({ ready: true, reasons: [] }),
    log: (event) => log.push(event),
    longWorks: new LongWorks(systemClock),
    ...options,
  });
  onTestFinished(() => server.close());
  const url = `http://${server.address}`;
  return {
    engine,
    server,
    url,
    log,
    client(protocol, service) {
      const transport =
        protocol === "gRPC-Web"
          ? createGrpcWebTransport({ baseUrl: url, httpVersion: "1.1" })
          : createConnectTransport({ baseUrl: url, httpVersion: "1.1", useBinaryFormat: protocol === "Connect" });
      return createClient(service, transport);
    },
    async post(path, body, headers = {}) {
      const response = await fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, json: parsed(text) };
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
