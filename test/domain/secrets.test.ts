import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorText } from "../../src/domain/errors.ts";
import { shownPath, shownValue, withoutSecrets } from "../../src/domain/secrets.ts";

const SECRET = "kGq3vX81mZpQ7wLr";

describe("withoutSecrets", () => {
  it.each([
    `postgres://user:${SECRET}@host/db`,
    `postgresql://user:${SECRET}@[::1]:5432/db?sslmode=require`,
    `postgres://user:a/${SECRET}@host/db`,
    `postgres://user:a@${SECRET}@host/db`,
    `postgres://host/db?user=u&password=${SECRET}`,
    `postgres://host/db?sslpassword=short&sslkey=${SECRET}`,
    `redis://:${SECRET}@host:6379/0`,
    `rediss://default:${SECRET}@host`,
    `redis://host?password=${SECRET}`,
    `https://api.example/v1/${SECRET}/orders`,
    `https://api.example/v1?apikey=${SECRET}&x=1`,
    `https://api.example/v1#access_token=${SECRET}`,
    `https://hooks.slack.com/services/T000/B000/${SECRET}`,
    `https://discord.example/api/webhooks/123456789/${SECRET}`,
    `https://api.telegram.org/bot123456:${SECRET}/sendMessage`,
    `authorization: Bearer ${SECRET}`,
    `Basic ${SECRET}`,
    `PGPASSWORD=${SECRET} psql`,
    `{"err":{"input":"postgres://user:${SECRET}@host"}}`,
    `{"headers":{"authorization":"${SECRET}","x":1}}`,
    `{"options":{"deep":{"password":"a\\"${SECRET}"}}}`,
    `-----BEGIN EC PRIVATE KEY-----\n${SECRET}\n-----END EC PRIVATE KEY-----`,
    `-----BEGIN PRIVATE KEY-----\\n${SECRET}`,
  ])("takes the secret out of %s", (text) => {
    expect(withoutSecrets(`before ${text} after`)).not.toContain(SECRET);
    expect(withoutSecrets(`before ${text} after`)).toMatch(/^before /);
    expect(errorText(new Error(text))).not.toContain(SECRET);
  });

  it.each([
    "BTCUSDT 1h has an invalid bar at 2026-01-05T00:00:00Z: open is 0",
    "market data: disconnected, again in 500 ms: it was closed with 1006",
    "the token is not known: ask the operator for one that is in AUTH_TOKENS",
    "page_token: does not belong to this request: send next_page_token unchanged",
    "connect ECONNREFUSED 127.0.0.1:5432",
    "https://data-api.binance.vision/api/v3/uiKlines?symbol=BTCUSDT&interval=1m",
    "set AUTH_TOKENS=/etc/engine/tokens",
  ])("leaves %s alone", (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  it("takes no longer for texts that were written to be slow", () => {
    for (const text of ["a.".repeat(50_000), "://".repeat(50_000), "token".repeat(30_000), "a@".repeat(50_000)]) {
      const start = performance.now();
      withoutSecrets(text);
      expect(performance.now() - start).toBeLessThan(1_000);
    }
  });

  it("keeps the host and never a password, whatever is in it", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9!$&()*+,;=:@/?#._~%-]{4,30}$/);
    fc.assert(
      fc.property(word, (password) => {
        const clean = withoutSecrets(`x postgres://user:${password}@db.internal/desk y`);
        expect(clean).toBe("x postgres://[redacted]@db.internal/desk y");
      }),
    );
  });
});

describe("what a message quotes of a setting", () => {
  it("is its value, without what may be a token", () => {
    expect(shownValue("10 minutes")).toBe('"10 minutes"');
    expect(shownValue("300.0.0.1:99999")).toBe('"300.0.0.1:99999"');
    expect(shownValue(SECRET)).toBe('"[redacted]"');
    expect(shownValue(`Bearer ${SECRET}`)).not.toContain(SECRET);
    expect(shownValue("x ".repeat(500)).length).toBeLessThan(210);
  });

  it("is of a path what there is on the disk", () => {
    const there = new Set(["/etc", "/etc/engine", "/etc/engine/tokens", "tokens"]);
    const shown = (path: string) => shownPath(path, (each) => there.has(each));
    expect(shown("/etc/engine/tokens")).toBe("/etc/engine/tokens");
    expect(shown("tokens")).toBe("tokens");
    expect(shown(`/etc/engine/${SECRET}`)).toBe("a file below /etc/engine (its name is not shown: it may be a secret)");
    expect(shown(`/etc/x/${SECRET}`)).toBe("a file below /etc (its name is not shown: it may be a secret)");
    for (const path of [SECRET, `/${SECRET}`, `a/${SECRET}`, ""]) {
      expect(shown(path)).toBe("the file named (it is not shown: it may be a secret)");
    }
  });
});
