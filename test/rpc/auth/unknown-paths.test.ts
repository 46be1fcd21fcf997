import { describe, expect, it } from "vitest";
import { tokenAccess } from "../../../src/rpc/auth/access.ts";
import { parseTokens } from "../../../src/rpc/auth/tokens.ts";
import { serveWeb } from "../serve-web.ts";

const GET_POLICY = "/strategyruntime.v1.PolicyService/GetPolicy";
const metrics = { contentType: "text/plain", text: async () => "up 1\n" };
const access = tokenAccess(parseTokens("token-of-vera-0123456789 vera viewer", "tokens"));
const known = { authorization: "Bearer token-of-vera-0123456789" };

/** What tells a caller whether something is there, and what it is told once it is known. */
const TELLING = [
  { method: "GET", path: "/", told: 404 },
  { method: "GET", path: "/favicon.ico", told: 404 },
  { method: "POST", path: "/strategyruntime.v1.PolicyService/NoSuchMethod", told: 404 },
  { method: "POST", path: "/no.such.Service/Call", told: 404 },
  { method: "GET", path: GET_POLICY, told: 405 },
  { method: "POST", path: GET_POLICY, told: 415, type: "text/plain" },
  { method: "POST", path: "/metrics", told: 405 },
  { method: "GET", path: "/metrics", told: 200 },
];

describe("the web port with tokens", () => {
  it.each(TELLING)("tells no stranger what is there: $method $path", async ({ method, path, told, type }) => {
    const { url, log } = await serveWeb({}, { access, metrics });
    const ask = async (more: Record<string, string>) => {
      const headers = type === undefined ? more : { ...more, "content-type": type };
      const response = await fetch(url + path, { method, headers });
      return [response.status, await response.text()];
    };
    expect(await ask({})).toEqual([401, expect.stringMatching(/^a token is required: /)]);
    expect(await ask({ authorization: "Bearer token-of-eve-0123456789" })).toEqual([
      401,
      expect.stringMatching(/^the token is not known/),
    ]);
    expect(log.map(({ kind }) => kind)).toEqual(["refused", "refused"]);
    expect(JSON.stringify(log)).not.toContain("NoSuchMethod");
    expect((await ask(known))[0]).toBe(told);
  });

  it("answers probes without one", async () => {
    const { url, log } = await serveWeb({}, { access, metrics });
    for (const path of ["/healthz", "/readyz"]) {
      expect((await fetch(url + path)).status).toBe(200);
    }
    expect(log).toEqual([]);
  });
});
