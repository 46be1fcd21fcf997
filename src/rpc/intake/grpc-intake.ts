import { constants, type ServerHttp2Stream } from "node:http2";
import type { ServerInterceptingCallInterface, ServerInterceptor } from "@grpc/grpc-js";
import type { CallerBytes } from "../budgets/budgets.ts";
import { isOrder } from "../budgets/lanes.ts";
import { toRuntimeError, toStatus } from "../errors.ts";
import { LimitRefusal } from "../limit-refusal.ts";
import type { BytesInFlight, RequestBytes } from "./bytes-in-flight.ts";
import { FrameHeads } from "./frame-heads.ts";
import { largestRequest, tooLarge } from "./request-size.ts";
import { isPacking, type Packing, unpack } from "./unpack.ts";

/** The call of grpc-js that reads requests: what of it is its own and used here. */
interface ReadingCall extends ServerInterceptingCallInterface {
  readonly stream: ServerHttp2Stream;
  decoder: { write(data: Buffer): Buffer[] };
  decompressMessage(message: Buffer, encoding: string): Buffer | Promise<Buffer>;
}

/** As gRPC frames a message: a flag and its length. */
const HEAD_BYTES = 5;

export interface MeterOptions {
  readonly inFlight: BytesInFlight;
  /** Most bytes of a request, whatever its method. */
  readonly most: number;
  /** A request must have come in full after this time, ms. */
  readonly requestMs: number;
  /** Hears of each refusal of a request for what it is. */
  readonly onRefused: (stream: ServerHttp2Stream, method: string, thrown: unknown) => void;
  /** The bytes of the caller of `method` ("a.b.Service/Method"). */
  readonly bytesOf: (stream: ServerHttp2Stream, method: string) => CallerBytes;
}

/**
 * Refuses requests that are too large for their method, or too many together, by what their heads
 * say and before they are buffered; what has come counts until the call is over. It must be the
 * first interceptor but for those that leave grpc-js's own call in place.
 *
 * grpc-js knows one limit for all methods, and unpacks whatever comes. So this stands in front of
 * the two members by which its calls take data, and fails where they are not there.
 */
export function meterRequests(options: MeterOptions): ServerInterceptor {
  return ({ path, requestStream }, inner) => {
    const call = inner as ReadingCall;
    if (typeof call.decoder?.write !== "function" || typeof call.decompressMessage !== "function") {
      throw new Error("this version of grpc-js reads requests in another way: src/rpc/intake must follow");
    }
    new Intake(call, { method: path.slice(1), requestStream, ...options });
    // As interceptors are typed, though grpc-js takes any call.
    return inner as ReturnType<ServerInterceptor>;
  };
}

interface IntakeOptions extends MeterOptions {
  readonly method: string;
  readonly requestStream: boolean;
}

/** Takes in what one call sends. */
class Intake {
  readonly #call: ReadingCall;
  readonly #bytes: RequestBytes;
  readonly #options: IntakeOptions;
  readonly #most: number;
  /** What the message of now has taken. */
  #ofMessage = 0;
  #isRefused = false;

  constructor(call: ReadingCall, options: IntakeOptions) {
    this.#call = call;
    this.#bytes = options.inFlight.request(isOrder(options.method));
    this.#bytes.belongTo(options.bytesOf(call.stream, options.method));
    this.#options = options;
    this.#most = largestRequest(options.method, options.most);
    const heads = new FrameHeads((length) => this.#admit(length));
    const { decoder, stream } = call;
    call.decoder = { write: (data) => this.#write(data, heads, decoder) };
    const decompress = call.decompressMessage.bind(call);
    call.decompressMessage = (message, encoding) =>
      isPacking(encoding) ? this.#unpack(message.subarray(HEAD_BYTES), encoding) : decompress(message, encoding);
    stream.once("close", () => this.#bytes.release());
    if (!options.requestStream) {
      this.#limitTime(stream, options.requestMs);
    }
  }

  /** What comes byte by byte would be held for as long as its caller likes. */
  #limitTime(stream: ServerHttp2Stream, requestMs: number): void {
    const late = () =>
      this.#refuse(
        new LimitRefusal("time", "deadline_exceeded", `the request did not come in full within ${requestMs} ms`),
      );
    const timer = setTimeout(late, requestMs);
    const stop = () => clearTimeout(timer);
    stream.once("end", stop).once("close", stop);
  }

  #write(data: Buffer, heads: FrameHeads, decoder: ReadingCall["decoder"]): Buffer[] {
    if (this.#isRefused) {
      return [];
    }
    try {
      heads.take(data);
      this.#bytes.take(data.length);
      this.#ofMessage += data.length;
    } catch (thrown) {
      this.#refuse(thrown);
      return [];
    }
    return decoder.write(data);
  }

  #admit(length: number): void {
    const { method, requestStream } = this.#options;
    if (length > this.#most) {
      throw tooLarge(method, length, this.#most);
    }
    if (requestStream) {
      // Of a stream of requests, each is over once the next one comes.
      this.#bytes.give(this.#ofMessage);
      this.#ofMessage = 0;
    }
    this.#bytes.expect(length);
  }

  async #unpack(packed: Buffer, packing: Packing): Promise<Buffer> {
    const { method } = this.#options;
    try {
      const plain = await unpack(packed, { packing, method, most: this.#most, bytes: this.#bytes });
      this.#bytes.give(packed.length);
      this.#ofMessage += plain.length - packed.length;
      return plain;
    } catch (thrown) {
      this.#tell(thrown);
      // grpc-js sends what is rejected with as the status.
      throw toStatus(toRuntimeError(thrown));
    }
  }

  /** Answers, and has the caller send no more of it. */
  #refuse(thrown: unknown): void {
    this.#isRefused = true;
    this.#bytes.release();
    this.#tell(thrown);
    const { stream } = this.#call;
    // Not before the status has gone out, which would be lost.
    stream.once("finish", () => setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR)));
    this.#call.sendStatus(toStatus(toRuntimeError(thrown)));
  }

  #tell(thrown: unknown): void {
    const { onRefused, method } = this.#options;
    onRefused(this.#call.stream, method, thrown);
  }
}
