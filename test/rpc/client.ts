import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type CallOptions,
  type ChannelCredentials,
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";

export interface TestClient {
  call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options?: TestCallOptions,
  ): Promise<MessageShape<O>>;
  stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    options?: TestCallOptions,
  ): ClientReadableStream<MessageShape<O>>;
  /** Sends any bytes to a unary method. */
  raw(path: string, bytes: Uint8Array): Promise<Buffer>;
  close(): void;
}

export interface TestCallOptions extends CallOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

function pathOf(method: DescMethodUnary | DescMethodServerStreaming): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** A stock grpc-js client that speaks by the generated descriptors, on a connection of its own. */
export function connect(address: string, channel: ChannelCredentials = credentials.createInsecure()): TestClient {
  const client = new Client(address, channel, { "grpc.use_local_subchannel_pool": 1 });
  const write =
    <I extends DescMessage>(schema: I) =>
    (message: MessageShape<I>) =>
      Buffer.from(toBinary(schema, message));
  const read =
    <O extends DescMessage>(schema: O) =>
    (bytes: Buffer) =>
      fromBinary(schema, bytes);
  const metadataOf = (options: TestCallOptions): Metadata => {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(options.metadata ?? {})) {
      metadata.set(name, value);
    }
    return metadata;
  };
  return {
    call: (method, request, options = {}) =>
      new Promise((resolve, reject) => {
        const call = client.makeUnaryRequest(
          pathOf(method),
          write(method.input),
          read(method.output),
          create(method.input, request),
          metadataOf(options),
          options,
          (error, response) => (error ? reject(error) : resolve(response as never)),
        );
        options.signal?.addEventListener("abort", () => call.cancel());
      }),
    stream: (method, request, options = {}) =>
      client.makeServerStreamRequest(
        pathOf(method),
        write(method.input),
        read(method.output),
        create(method.input, request),
        metadataOf(options),
        options,
      ),
    raw: (path, bytes) =>
      new Promise((resolve, reject) => {
        const same = (given: Buffer): Buffer => given;
        client.makeUnaryRequest(path, same, same, Buffer.from(bytes), (error, response) =>
          error ? reject(error) : resolve(response as Buffer),
        );
      }),
    close: () => client.close(),
  };
}

/** The status that a call failed with; throws where it did not fail. */
export async function failureOf(call: Promise<unknown>): Promise<ServiceError> {
  try {
    await call;
  } catch (error) {
    return error as ServiceError;
  }
  throw new Error("the call did not fail");
}

/** All that a stream sends until it ends, and the status it ends with where that is not OK. */
export async function collect<T>(
  stream: ClientReadableStream<T>,
): Promise<{ readonly messages: readonly T[]; readonly error?: ServiceError }> {
  const messages: T[] = [];
  try {
    for await (const message of stream) {
      messages.push(message as T);
    }
    return { messages };
  } catch (error) {
    return { messages, error: error as ServiceError };
  }
}
