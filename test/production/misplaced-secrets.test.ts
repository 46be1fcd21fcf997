import { describe, expect, it } from "vitest";
import { startServer } from "../running-server.ts";

const SECRET = "kGq3vX81mZpQ7wLr";
const PEM = `-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq${SECRET}\n-----END PRIVATE KEY-----`;

describe("a secret that was put in place of something else", () => {
  it.each([
    { AUTH_TOKENS: SECRET },
    { AUTH_TOKENS: `/${SECRET}/x==` },
    { AUTH_TOKENS_FILE: SECRET },
    { TLS_CERT: PEM, TLS_KEY: PEM },
    { DATABASE_URL_FILE: `postgres://user:${SECRET}@db/desk` },
    { REDIS_URL_FILE: `redis://:${SECRET}@cache` },
    { REDIS_URL: `http://:${SECRET}@cache` },
    { PROBE_ADDRESS: SECRET },
    { BINANCE_REST_URL: `ftp://${SECRET}@venue/${SECRET}?key=${SECRET}` },
    { EVALUATORS: `https://user:${SECRET}@host/module.js?token=${SECRET}` },
  ] as readonly Readonly<Record<string, string>>[])(
    "ends the start with what is wrong, and is not quoted: %j",
    async (env) => {
      const started: unknown = await startServer(env).catch((thrown: unknown) => thrown);
      const text = String(started);
      expect(text).toContain("cannot start: ");
      expect(text).not.toContain(SECRET);
      expect(text).toContain(Object.keys(env)[0]?.replace(/_FILE$/, ""));
    },
  );
});
