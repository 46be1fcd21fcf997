import { Agent } from "node:http";
import type { DescService } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import { type CallOptions, type Client, Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { onTestFinished } from "vitest";
import { type Access, tokenAccess } from "../../../src/rpc/auth/access.ts";
import { ROLES } from "../../../src/rpc/auth/principal.ts";
import { parseTokens } from "../../../src/rpc/auth/tokens.ts";
import { Budgets, type BudgetsOptions } from "../../../src/rpc/budgets/budgets.ts";
import { StreamLimit } from "../../../src/rpc/calls/stream-limit.ts";
import type { CarrierEvent } from "../../../src/rpc/carrier-log.ts";
import type { BytesInFlight } from "../../../src/rpc/intake/bytes-in-flight.ts";
import { errorDetail } from "../../../src/rpc/public-protos.ts";
import { serve } from "../serve.ts";
import { serveWeb } from "../serve-web.ts";
import type { StubAnswers, StubEngine } from "../stub-engine.ts";

/** The ways in which stock clients reach the service. */
export const WIRES = ["gRPC", "Connect", "Connect JSON", "gRPC-Web"] as const;
export type Wire = (typeof WIRES)[number];

/** Two principals of each role: "viewer-1", "viewer-2". */
export const access = tokenAccess(
  parseTokens(
    ROLES.flatMap((role) => [1, 2].map((n) => `token-of-the-${role}-${n} ${role}-${n} ${role}`)).join("\n"),
    "tokens.txt",
  ),
);

/** The options of a call of a principal. */
export function as(principal: string, options: CallOptions = {}): CallOptions {
  return { ...options, headers: { authorization: `Bearer token-of-the-${principal}` } };
}

export interface Reached {
  readonly engine: StubEngine;
  readonly log: readonly CarrierEvent[];
  readonly streams: StreamLimit;
  readonly budgets: Budgets;
  client<S extends DescService>(service: S): Client<S>;
  /** A client on a connection of its own, and what cuts it off. */
  cuttable<S extends DescService>(service: S): { readonly client: Client<S>; cut(): void };
}

export interface ReachOptions extends BudgetsOptions {
  readonly streams?: StreamLimit;
  readonly inFlight?: BytesInFlight;
  /** Without tokens callers are known by address. */
  readonly withoutTokens?: boolean;
}

/** A real server with budgets, and clients that reach it over one of the wires. */
export async function reach(wire: Wire, answers: StubAnswers, options: ReachOptions): Promise<Reached> {
  const budgets = new Budgets(options);
  const streams = options.streams ?? new StreamLimit(200);
  const { inFlight } = options;
  const shared = { budgets, streams, ...(inFlight && { inFlight }), ...(!options.withoutTokens && { access }) };
  const { engine, url, log } = await served(wire, answers, shared);
  const open = <S extends DescService>(service: S) => {
    const { transport, cut } = connection(wire, url);
    onTestFinished(cut);
    return { client: createClient(service, transport), cut };
  };
  return { engine, log, streams, budgets, client: (service) => open(service).client, cuttable: open };
}

/** As `reach`, with this access and no budgets. */
export async function reachBy(wire: Wire, answers: StubAnswers, by: Access): Promise<Pick<Reached, "client">> {
  const { url } = await served(wire, answers, { access: by });
  return {
    client(service) {
      const { transport, cut } = connection(wire, url);
      onTestFinished(cut);
      return createClient(service, transport);
    },
  };
}

async function served(wire: Wire, answers: StubAnswers, shared: object) {
  if (wire === "gRPC") {
    const { engine, server, log } = await serve(answers, shared);
    return { engine, log, url: `http://${server.address}` };
  }
  return await serveWeb(answers, shared);
}

function connection(wire: Wire, baseUrl: string): { readonly transport: Transport; cut(): void } {
  if (wire === "gRPC") {
    const sessionManager = new Http2SessionManager(baseUrl);
    return { transport: createGrpcTransport({ baseUrl, sessionManager }), cut: () => sessionManager.abort() };
  }
  const agent = new Agent({ keepAlive: true });
  const options = { baseUrl, httpVersion: "1.1", nodeOptions: { agent } } as const;
  const transport =
    wire === "gRPC-Web"
      ? createGrpcWebTransport(options)
      : createConnectTransport({ ...options, useBinaryFormat: wire === "Connect" });
  return { transport, cut: () => agent.destroy() };
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
}

/** What a failed call was told; throws where it did not fail. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const [retry] = error.findDetails(errorDetail("RetryInfo")) as { readonly retryDelay?: Duration }[];
    const delay = retry?.retryDelay;
    return {
      code: Code[error.code] ?? "",
      message: error.rawMessage,
      retryAfterMs: delay && Number(delay.seconds) * 1_000 + delay.nanos / 1e6,
    };
  }
  throw new Error("the call did not fail");
}
