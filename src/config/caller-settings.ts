import { z } from "zod";
import { integer, list, parseAddress, setting, text } from "./setting.ts";

/** As browsers write it: scheme, host and port, and no path. */
function isOrigin(given: string): boolean {
  return given === "*" || (/^https?:/.test(given) && URL.parse(given)?.origin === given);
}

/**
 * A name without a port. Labels of letters, digits and `-`, as DNS has them, and `_`, as containers
 * do.
 */
function isHostName(given: string): boolean {
  return given.length <= 253 && /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/i.test(given);
}

/** Where callers reach the service, and who may call. */
export const CALLER_SETTINGS = {
  grpcAddress: setting({
    variable: "GRPC_ADDRESS",
    fallback: "127.0.0.1:50051",
    must: "host:port, such as 127.0.0.1:50051 or [::1]:50051",
    meaning: "where gRPC is served, in plaintext unless TLS is set; port 0 picks a free one",
    schema: text(parseAddress),
  }),
  webAddress: setting({
    variable: "WEB_ADDRESS",
    fallback: "127.0.0.1:8080",
    must: "host:port, or off",
    meaning:
      "the same calls as Connect, gRPC-Web and JSON, with /healthz, /readyz and, for those with a token where tokens are used, /metrics; `off` switches it off",
    schema: z.literal("off").or(text(parseAddress)),
  }),
  probeAddress: setting({
    variable: "PROBE_ADDRESS",
    fallback: null,
    must: "host:port, such as 0.0.0.0:9464",
    meaning:
      "/metrics, /healthz and /readyz alone, in plaintext and without a token, for probes and Prometheus on a network of their own",
    schema: text(parseAddress),
  }),
  webCorsOrigins: setting({
    variable: "WEB_CORS_ORIGINS",
    fallback: "",
    must: "origins such as https://desk.example, each once, with commas between; or *",
    meaning: "origins whose pages browsers let call WEB_ADDRESS, `*` for any; none but its own by default",
    schema: list(isOrigin, 100),
    shown: "none",
  }),
  webHosts: setting({
    variable: "WEB_HOSTS",
    fallback: "",
    must: "host names such as desk.example, each once, with commas between",
    meaning:
      "names by which callers reach WEB_ADDRESS and PROBE_ADDRESS; localhost and literal addresses always do, and requests by other names are refused",
    schema: list(isHostName, 100),
    shown: "none",
  }),
  maxConnections: setting({
    variable: "MAX_CONNECTIONS",
    fallback: "1000",
    must: "a whole number from 1 to 100000",
    meaning:
      "connections open at once on GRPC_ADDRESS and WEB_ADDRESS together; one more is closed, but for /healthz and /readyz",
    schema: integer(1, 100_000),
  }),
  maxConnectionsPerAddress: setting({
    variable: "MAX_CONNECTIONS_PER_ADDRESS",
    fallback: "250",
    must: "a whole number from 1 to 100000",
    meaning:
      "those of one address, or one /64 of IPv6; behind a proxy all callers have the address of the proxy: set it to MAX_CONNECTIONS there",
    schema: integer(1, 100_000),
  }),
  tlsCert: setting({
    variable: "TLS_CERT",
    fallback: null,
    must: "a PEM file, with TLS_KEY",
    meaning: "certificate chain for both addresses",
    schema: text((given) => given),
    isProtection: true,
  }),
  tlsKey: setting({
    variable: "TLS_KEY",
    fallback: null,
    must: "a PEM file, with TLS_CERT",
    meaning: "its private key, in a file that nobody else may read",
    schema: text((given) => given),
    isProtection: true,
    isSecretFile: true,
  }),
  tlsClientCa: setting({
    variable: "TLS_CLIENT_CA",
    fallback: null,
    must: "a PEM file, with TLS_CERT",
    meaning: "callers need a certificate of this authority (mTLS)",
    schema: text((given) => given),
    isProtection: true,
  }),
  tlsClients: setting({
    variable: "TLS_CLIENTS",
    fallback: null,
    must: "a file of lines `name principal role`, with TLS_CLIENT_CA",
    meaning:
      "whom certificates stand for, by CN:, DNS:, URI: or email: name; others may call nothing; without it and tokens, every one may do everything",
    schema: text((given) => given),
    isProtection: true,
  }),
  authTokens: setting({
    variable: "AUTH_TOKENS",
    fallback: null,
    must: "a file of lines `token principal role`, with a date where the token is to expire",
    meaning:
      "callers need a token; roles: generator, controller, executor, viewer, admin; nobody else may be able to read the file",
    schema: text((given) => given),
    isProtection: true,
    isSecretFile: true,
  }),
  readableSecrets: setting({
    variable: "READABLE_SECRETS",
    fallback: "0",
    must: "0 or 1",
    meaning:
      "1 takes files of tokens, keys and passwords that others on this machine may read, as secrets mounted into a container are",
    schema: text((given) => (given === "1" ? true : given === "0" ? false : undefined)),
  }),
  insecure: setting({
    variable: "INSECURE",
    fallback: "0",
    must: "0 or 1",
    meaning:
      "1 allows an address that other machines can reach without tokens and client certificates: anyone there may trade and halt",
    schema: text((given) => (given === "1" ? true : given === "0" ? false : undefined)),
  }),
};
