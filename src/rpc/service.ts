import type { DescMessage, DescMethod, DescService, Message, MessageShape } from "@bufbuild/protobuf";
import { RuntimeError, type Violation } from "../domain/errors.ts";
import type { Principal } from "./auth/principal.ts";

/** What a handler knows of its call, whatever carries it. */
export interface CallContext {
  /** Aborts when the caller has left, its deadline has passed, or its connection is gone. */
  readonly signal: AbortSignal;
  /** Address and port of the caller. */
  readonly peer?: string;
  /** Who calls, where tokens are used. */
  readonly principal?: Principal;
  /**
   * Says that the answer has no end of its own: when the server goes down, the signal aborts, and
   * the call ends with `unavailable` behind what was already yielded.
   */
  readonly endless?: () => void;
  /** Goes on after a wait with work that takes processor time: it is the caller's. */
  readonly resumed?: () => void;
  /**
   * The same steps, on the caller's budget of processor time. Before the first one it fails with
   * `resource_exhausted` where nothing of that is left.
   */
  readonly costly?: <T>(steps: AsyncIterable<T>) => AsyncIterable<T>;
}

/**
 * A message that a handler has at hand as bytes, too. gRPC sends those as they are; a carrier that
 * wants JSON of it, or encodes by itself, has the message made. They say the same.
 */
export class Prepared<O extends DescMessage> {
  readonly bytes: () => Buffer;
  readonly message: () => MessageShape<O>;

  constructor(bytes: () => Buffer, message: () => MessageShape<O>) {
    this.bytes = bytes;
    this.message = message;
  }
}

export type Answer<O extends DescMessage> = MessageShape<O> | Prepared<O>;

/** The answer as a message. */
export function messageOf<O extends DescMessage>(answer: Answer<O>): MessageShape<O> {
  return answer instanceof Prepared ? answer.message() : answer;
}

/** Takes a request and answers, or throws; a RuntimeError becomes the status of its code. */
export type UnaryHandler<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  context: CallContext,
) => Promise<Answer<O>>;

/**
 * As `UnaryHandler`, with messages until the iterable ends. It must end, or throw, soon after the
 * signal aborts.
 */
export type StreamHandler<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  context: CallContext,
) => AsyncIterable<Answer<O>>;

type MethodHandler<M> = M extends { methodKind: "unary"; input: infer I; output: infer O }
  ? UnaryHandler<I & DescMessage, O & DescMessage>
  : M extends { methodKind: "server_streaming"; input: infer I; output: infer O }
    ? StreamHandler<I & DescMessage, O & DescMessage>
    : never;

/** One handler a method of a service of the contract, by its name in camel case. */
export type Handlers<S extends Pick<DescService, "method">> = {
  readonly [K in keyof S["method"]]: MethodHandler<S["method"][K]>;
};

/**
 * What is wrong with a request that will not be served anyway. Changes nothing, and never throws.
 */
export type Check = (request: Message, context: CallContext) => Promise<readonly Violation[]>;

/** A service of the contract with its handlers, for a carrier to serve. */
export interface Service {
  readonly descriptor: DescService;
  unary(method: DescMethod): UnaryHandler<DescMessage, DescMessage>;
  stream(method: DescMethod): StreamHandler<DescMessage, DescMessage>;
  check(method: DescMethod): Check;
}

/**
 * Brings a descriptor and its handlers together; the types of the methods are checked here, and
 * forgotten after. `checks` are the same handlers over an engine that changes nothing.
 */
export function service<S extends DescService>(descriptor: S, handlers: Handlers<S>, checks: Handlers<S>): Service {
  const byName = handlers as unknown as Readonly<Record<string, unknown>>;
  const checksByName = checks as unknown as Readonly<Record<string, unknown>>;
  return {
    descriptor,
    unary: (method) => byName[method.localName] as UnaryHandler<DescMessage, DescMessage>,
    stream: (method) => byName[method.localName] as StreamHandler<DescMessage, DescMessage>,
    check: (method) => checkWith(method, checksByName[method.localName]),
  };
}

function checkWith(method: DescMethod, handler: unknown): Check {
  return async (request, context) => {
    try {
      if (method.methodKind === "unary") {
        await (handler as UnaryHandler<DescMessage, DescMessage>)(request, context);
      } else {
        const stream = (handler as StreamHandler<DescMessage, DescMessage>)(request, context);
        await stream[Symbol.asyncIterator]().next();
      }
    } catch (error) {
      // What else may come, such as a store that is away, says nothing on the request.
      return error instanceof RuntimeError && error.code === "invalid" ? error.violations : [];
    }
    return [];
  };
}
