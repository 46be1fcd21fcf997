import { expect, it } from "vitest";
import { readConfig, whoMayCall } from "../src/config.ts";

const MUTUAL = { TLS_CERT: "c", TLS_KEY: "k", TLS_CLIENT_CA: "ca.pem" };

it.each([
  [{}, "anyone, without a token, may trade and halt on this machine, in plaintext"],
  [
    { GRPC_ADDRESS: "0.0.0.0:1", INSECURE: "1" },
    "anyone, without a token, may trade and halt on any machine that reaches it, in plaintext",
  ],
  [{ AUTH_TOKENS: "t", WEB_ADDRESS: "off" }, "whoever has a token of t, by roles, on this machine, in plaintext"],
  [MUTUAL, "whoever has a certificate of ca.pem may trade and halt on this machine, over TLS"],
  [
    { ...MUTUAL, TLS_CLIENTS: "c.txt" },
    "whoever has a certificate of ca.pem that c.txt names, by roles, on this machine, over TLS",
  ],
  [
    { ...MUTUAL, AUTH_TOKENS: "t" },
    "whoever has a token of t and a certificate of ca.pem, by roles, on this machine, over TLS",
  ],
  [
    { ...MUTUAL, AUTH_TOKENS: "t", TLS_CLIENTS: "c.txt" },
    "whoever has a token of t, or a certificate of ca.pem that c.txt names, by roles, on this machine, over TLS",
  ],
])("%j: %s may call", (env, text) => {
  expect(whoMayCall(readConfig(env))).toBe(`callers: ${text}`);
});
