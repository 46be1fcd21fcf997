import { readFileSync } from "node:fs";
import { type ChannelCredentials, Client, credentials } from "@grpc/grpc-js";
import { service } from "grpc-health-check";
import { parseAddress } from "../src/config/setting.ts";

/** Less than the image's HEALTHCHECK allows, so that the reason is said before it is killed. */
const LIMIT_MS = 4_000;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Asks the service that runs with this environment, on this machine, whether it can do its work:
 * grpc.health.v1, which needs no token. Resolves with "SERVING" or "NOT_SERVING"; fails where
 * nobody answers within 4 s.
 */
export function checkHealth(env: Environment, limitMs: number = LIMIT_MS): Promise<string> {
  // An address is no name that TLS may ask for.
  const options = env.TLS_CERT ? { "grpc.ssl_target_name_override": "localhost" } : {};
  const client = new Client(target(env.GRPC_ADDRESS?.trim() || "127.0.0.1:50051"), channelCredentials(env), options);
  const { path, requestSerialize, responseDeserialize } = service.Check as NonNullable<typeof service.Check>;
  const deadline = new Date(Date.now() + limitMs);
  return new Promise<string>((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, { deadline }, (error, answer) =>
      error === null ? resolve((answer as { status: string }).status) : reject(error),
    );
  }).finally(() => client.close());
}

/** Where to call what listens there: an address for any interface is none to call. */
function target(given: string): string {
  const address = parseAddress(given);
  if (address === undefined || address.port === 0) {
    throw new Error(`GRPC_ADDRESS is ${JSON.stringify(given)}: give it a fixed port to be checked on`);
  }
  const host = address.host === "0.0.0.0" ? "127.0.0.1" : address.host === "::" ? "::1" : address.host;
  return host.includes(":") ? `[${host}]:${address.port}` : `${host}:${address.port}`;
}

/**
 * With TLS the certificate names the service, not this machine's loopback, and no secret is sent:
 * it is not verified. With mTLS the service's own certificate is shown, so TLS_CLIENT_CA must
 * accept that, too.
 */
function channelCredentials({
  TLS_CERT: cert,
  TLS_KEY: key,
  TLS_CLIENT_CA: clientCa,
}: Environment): ChannelCredentials {
  if (!cert) {
    return credentials.createInsecure();
  }
  const own = clientCa && key ? [readFileSync(key), readFileSync(cert)] : [null, null];
  return credentials.createSsl(null, own[0], own[1], { rejectUnauthorized: false });
}

if (import.meta.main) {
  try {
    const status = await checkHealth(process.env);
    process.stdout.write(`${status}\n`);
    process.exitCode = status === "SERVING" ? 0 : 1;
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
