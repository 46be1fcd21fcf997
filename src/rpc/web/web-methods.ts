import type { IncomingMessage, ServerResponse } from "node:http";
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import {
  type ConnectRouter,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { compressionGzip, universalRequestFromNodeRequest } from "@connectrpc/connect-node";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import type { LongWorks } from "../../engine/concurrency/long-work.ts";
import { isOrder } from "../budgets/lanes.ts";
import type { CallHook } from "../calls/call-hooks.ts";
import { cutTimeouts, LONGEST_TIMER_MS } from "../calls/long-timeouts.ts";
import type { OpenCalls } from "../calls/open-calls.ts";
import { readRequest } from "../calls/read-request.ts";
import type { CarrierLog } from "../carrier-log.ts";
import { toRuntimeError } from "../errors.ts";
import type { BytesInFlight, RequestBytes } from "../intake/bytes-in-flight.ts";
import { largestRequest } from "../intake/request-size.ts";
import { tellOfLimit } from "../limit-refusal.ts";
import { messageOf, type Service } from "../service.ts";
import { toConnectError } from "./connect-error.ts";
import { type WebBody, webBody } from "./web-body.ts";
import { WebCall, wireCall } from "./web-call.ts";
import { type ForKnown, type Page, sendText } from "./web-pages.ts";

export interface WebCarrier {
  readonly calls: OpenCalls;
  readonly hook: CallHook;
  readonly log: CarrierLog;
  /** What is said of methods before a call is let in is for callers that are known. */
  readonly forKnown: ForKnown;
  /** Largest request, bytes, packed and unpacked, whatever its method. */
  readonly maxReceiveBytes: number;
  readonly inFlight: BytesInFlight;
  /** Whether the body of a request has come in pieces that are too small so far. */
  readonly isInPieces: (request: IncomingMessage) => boolean;
  /** Among which requests are decoded. */
  readonly longWorks: LongWorks;
  /** Unary calls end after this time, ms, whatever longer deadline the caller gives. */
  readonly maxCallMs: number;
}

/**
 * Answers one request; resolves when the answer was handed to the connection, and never rejects.
 */
export type WebMethod = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: WebBody;
  /** What the request takes of the bytes in flight. */
  readonly bytes: RequestBytes;
}

const exchangeKey = createContextKey<Exchange | undefined>(undefined);
const callKey = createContextKey<WebCall | undefined>(undefined);

/**
 * The services' methods by path, for Connect (protobuf, and JSON as curl sends it) and gRPC-Web.
 */
export function webMethods(services: readonly Service[], carrier: WebCarrier): ReadonlyMap<string, WebMethod> {
  const router = createConnectRouter({
    // gRPC proper needs HTTP/2, and has a port of its own.
    grpc: false,
    maxTimeoutMs: LONGEST_TIMER_MS,
    acceptCompression: [compressionGzip],
    requestGate: (context) => admit(carrier, context),
  });
  for (const service of services) {
    for (const method of service.descriptor.methods) {
      addMethod(router, service, method, carrier);
    }
  }
  return new Map(router.handlers.map((handler) => [handler.requestPath, webMethod(handler, carrier)]));
}

function addMethod(router: ConnectRouter, service: Service, method: DescMethod, carrier: WebCarrier): void {
  const name = `${method.parent.typeName}/${method.name}`;
  // Connect reads no request: `webBody` does.
  const unread = { ...method, input: EmptySchema };
  const read = (context: HandlerContext, { call }: WebCall) => {
    const { bytes, isJson } = exchangeOf(context).body.message();
    return readRequest(service, method, { bytes, isJson, call, longWorks: carrier.longWorks, log: carrier.log });
  };
  if (method.methodKind === "unary") {
    const handler = service.unary(method);
    const answer = async (_: Message, context: HandlerContext) => {
      const web = callOf(context);
      const answered = () => web.answer(async () => handler(await read(context, web), web.call));
      return withConnectError(carrier, name, context, async () => messageOf(await answered()));
    };
    router.rpc(unread as DescMethod & { methodKind: "unary" }, answer);
    return;
  }
  const handler = service.stream(method);
  async function* messages(_: Message, context: HandlerContext) {
    const web = callOf(context);
    const stream = web.messages(async function* () {
      yield* handler(await read(context, web), web.call);
    });
    try {
      for (;;) {
        const step = await withConnectError(carrier, name, context, () => stream.next());
        if (step.done) {
          return;
        }
        yield messageOf(step.value);
      }
    } finally {
      await stream.return();
    }
  }
  router.rpc(unread as DescMethod & { methodKind: "server_streaming" }, messages);
}

function exchangeOf(context: HandlerContext): Exchange {
  const exchange = context.values.get(exchangeKey);
  if (exchange === undefined) {
    throw new Error("a call came without its request");
  }
  return exchange;
}

function callOf(context: HandlerContext): WebCall {
  const web = context.values.get(callKey);
  if (web === undefined) {
    throw new Error("a call was handled that was not let in");
  }
  return web;
}

/** Lets a call in before its body is read, or throws. */
async function admit(carrier: WebCarrier, context: HandlerContext): Promise<void> {
  const exchange = exchangeOf(context);
  const { method } = context;
  const own = context.timeoutMs() ?? Number.POSITIVE_INFINITY;
  const limit = method.methodKind === "unary" ? carrier.maxCallMs : Number.POSITIVE_INFINITY;
  const wire = wireCall(exchange.request, exchange.response, Date.now() + Math.min(own, limit));
  const name = `${method.parent.typeName}/${method.name}`;
  await withConnectError(carrier, name, context, async () => {
    const call = carrier.calls.open(wire, method);
    exchange.bytes.belongTo(carrier.calls.bytesOf(name, call.peer, call.principal));
    const web = await WebCall.admit(call, carrier.hook, context.signal);
    context.values.set(callKey, web);
    beforeAbort(context, (reason) => web.beforeRefusal(reason));
  });
}

/**
 * Connect gives what it refuses a call with to `abort`, and sends it then. The signal would not do:
 * it tells of the first reason only, which may be that the caller's time is over.
 */
function beforeAbort(context: HandlerContext, look: (reason: unknown) => void): void {
  const inner = context as HandlerContext & { abort?(reason?: unknown): void };
  const { abort } = inner;
  if (typeof abort !== "function") {
    throw new Error("this version of Connect refuses calls in another way: src/rpc/web/web-methods.ts must follow");
  }
  inner.abort = (reason) => {
    look(reason);
    abort(reason);
  };
}

/** What is thrown, as Connect wants it; what the caller is not told in full goes to the log. */
async function withConnectError<T>(
  carrier: WebCarrier,
  method: string,
  context: HandlerContext,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    const error = toRuntimeError(thrown);
    if (error.code === "internal" || error.cause !== undefined) {
      const { remoteAddress, remotePort } = context.values.get(exchangeKey)?.request.socket ?? {};
      carrier.log({ kind: "failed", method, peer: `${remoteAddress}:${remotePort}`, error });
    }
    throw toConnectError(error);
  }
}

function webMethod(handler: UniversalHandler, carrier: WebCarrier): WebMethod {
  const method = `${handler.service.typeName}/${handler.method.name}`;
  const most = largestRequest(method, carrier.maxReceiveBytes);
  const forKnown = (page: Page) => carrier.forKnown(method, page);
  const notPosted = forKnown((request, response) => {
    response.setHeader("allow", "POST");
    sendText(request, response, 405, `${method} is called by POST`);
  });
  const ofNoType = forKnown((request, response) => sendText(request, response, 415, typeNeeded(handler.method)));
  return async (request, response) => {
    if (request.method !== "POST") {
      // Connect has a GET for reading calls. Any page can send one without asking.
      notPosted(request, response);
      return;
    }
    const peer = `${request.socket.remoteAddress}:${request.socket.remotePort}`;
    cutTimeouts(request.headers);
    try {
      const bytes = carrier.inFlight.request(isOrder(method));
      response.once("close", () => bytes.release());
      const values = createContextValues();
      const came = universalRequestFromNodeRequest(request, response, undefined, values);
      const onRefused = (thrown: unknown) => {
        const { principal } = values.get(callKey)?.call ?? {};
        tellOfLimit(carrier.log, { method, peer, principal }, thrown);
      };
      const isInPieces = () => carrier.isInPieces(request);
      const body = webBody(came, { method, most, bytes, isInPieces, onRefused });
      values.set(exchangeKey, { request, response, body, bytes });
      const answer = await handler(body.request);
      if (answer.status === 415) {
        ofNoType(request, response);
        return;
      }
      await send(answer, response);
    } catch (cause) {
      if (!response.destroyed) {
        const error = new RuntimeError("internal", `the answer could not be sent: ${errorText(cause)}`, { cause });
        carrier.log({ kind: "failed", method, peer, error });
        response.destroy();
      }
    }
  };
}

/** Connect itself says nothing, and curl prints nothing then. */
function typeNeeded({ methodKind }: DescMethod): string {
  return methodKind === "unary"
    ? "send application/json as content-type, or application/proto"
    : "send application/connect+json as content-type, with each message in an envelope of its own: see docs/json.md";
}

/**
 * Sends an answer no faster than the reader takes it. connect-node's own would wait for ever for a
 * reader that has left.
 */
async function send({ status, header, body }: UniversalServerResponse, response: ServerResponse): Promise<void> {
  response.statusCode = status;
  for (const [name, value] of header ?? []) {
    response.setHeader(name, value);
  }
  const chunks = body?.[Symbol.asyncIterator]();
  try {
    for (let step = await chunks?.next(); step !== undefined && !step.done; step = await chunks?.next()) {
      if (response.destroyed || (!response.write(step.value) && !(await drained(response)))) {
        break;
      }
    }
  } finally {
    await chunks?.return?.();
  }
  response.end();
}

/** Whether there is room again; false where the connection has gone. */
function drained(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve(!response.destroyed);
    };
    response.on("drain", done);
    response.on("close", done);
  });
}
