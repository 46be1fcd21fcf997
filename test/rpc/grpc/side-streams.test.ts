import { once } from "node:events";
import { create, toBinary } from "@bufbuild/protobuf";
import { Client, type ClientDuplexStream, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import type { Access } from "../../../src/rpc/auth/access.ts";
import { tokenAccess } from "../../../src/rpc/auth/access.ts";
import { parseTokens } from "../../../src/rpc/auth/tokens.ts";
import { StreamLimit } from "../../../src/rpc/calls/stream-limit.ts";
import { healthMethod, reflectionProtocol } from "../../../src/rpc/public-protos.ts";
import { collect } from "../client.ts";
import { serve } from "../serve.ts";

const { generateSignals } = StrategyRuntimeService.method;
const ANN = "token-of-ann-0123456789";
const same = (bytes: Buffer): Buffer => bytes;

type Side = ClientDuplexStream<Buffer, Buffer>;

/** Opens streams that tell of the server itself, each on a connection of its own. */
function sides(address: string) {
  const open = (path: string, first: Uint8Array, token?: string): Side => {
    const client = new Client(address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
    onTestFinished(() => client.close());
    const metadata = new Metadata();
    if (token !== undefined) {
      metadata.set("authorization", `Bearer ${token}`);
    }
    const stream = client.makeBidiStreamRequest(path, same, same, metadata);
    stream.on("error", () => {});
    stream.write(Buffer.from(first));
    return stream;
  };
  const { parent, name, input } = reflectionProtocol("v1");
  const question = toBinary(input, create(input, { messageRequest: { case: "listServices", value: "" } }));
  const watch = healthMethod("Watch");
  return {
    health: (token?: string) => {
      const stream = open(`/${watch.parent.typeName}/${watch.name}`, new Uint8Array(), token);
      stream.end();
      return stream;
    },
    reflection: (token?: string) => open(`/${parent.typeName}/${name}`, question, token),
  };
}

async function errorOf(stream: Side): Promise<ServiceError> {
  const [error] = await once(stream, "error");
  return error;
}

describe.each(["health", "reflection"] as const)("a %s stream", (kind) => {
  it("takes a place of MAX_STREAMS, and gives it back at its end", async () => {
    const streams = new StreamLimit(1);
    const { server, client } = await serve({}, { streams });
    const open = sides(server.address)[kind];
    const held = open();
    await once(held, "data");
    expect(streams.open).toBe(1);
    const { error } = await collect(client.stream(generateSignals, { symbols: ["X"] }));
    expect(error?.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(await errorOf(open())).toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      details: expect.stringContaining("MAX_STREAMS"),
    });
    held.cancel();
    await vi.waitFor(() => expect(streams.open).toBe(0));
    await once(open(), "data");
  });

  it("ends within 10 s, with UNAUTHENTICATED, once its token is gone", async () => {
    let access: Access = tokenAccess(parseTokens(`${ANN} ann viewer`, "tokens"));
    const { server } = await serve(
      {},
      { access: { admit: (...call) => access.admit(...call), identify: (who) => access.identify(who) } },
    );
    const stream = sides(server.address)[kind](ANN);
    await once(stream, "data");
    access = tokenAccess(parseTokens("token-of-bob-0123456789 bob viewer", "tokens"));
    const start = performance.now();
    expect(await errorOf(stream)).toMatchObject({
      code: status.UNAUTHENTICATED,
      details: expect.stringContaining("the token is not known"),
    });
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it("does not hold up the way down", async () => {
    const { server } = await serve();
    const stream = sides(server.address)[kind]();
    await once(stream, "data");
    const start = performance.now();
    await Promise.all([server.drain(60_000), errorOf(stream)]);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe("a watch of health", () => {
  it("without a token goes on, for anyone may watch", async () => {
    const streams = new StreamLimit(10);
    const access = tokenAccess(parseTokens(`${ANN} ann viewer`, "tokens"));
    const { server } = await serve({}, { access, streams });
    const { health } = sides(server.address);
    await Promise.all([once(health(), "data"), once(health("token-of-eve-0123456789"), "data")]);
    expect(streams.open).toBe(2);
  });
});
