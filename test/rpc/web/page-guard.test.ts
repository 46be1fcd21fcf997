import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { serveWeb } from "../serve-web.ts";

const POLICY = "/strategyruntime.v1.PolicyService";

type Headers = Readonly<Record<string, string>>;

/** The answer to a request whose headers may be anything: fetch would not send them. */
async function ask(url: string, headers: Headers, method = "GET", body = "") {
  const request = httpRequest(url, { method, headers }).end(body);
  const [response] = await once(request, "response");
  let text = "";
  for await (const chunk of response) {
    text += chunk;
  }
  return { status: response.statusCode as number, headers: response.headers as Headers, text };
}

const halt = (url: string, headers: Headers) =>
  ask(`${url}${POLICY}/SetTradingHalt`, { "content-type": "application/json", ...headers }, "POST", "{}");

describe("the name that a request is for", () => {
  const OTHERS = [
    "evil.example",
    "localhost.evil.example",
    "evil.example:8080",
    "127.0.0.1.evil.example",
    "127.0.0.1@evil.example",
    "2130706433",
    "a b",
  ];

  it.each(OTHERS)("must be one of ours, on pages and calls: %j is none", async (host) => {
    const { url, engine } = await serveWeb();
    for (const { status, text } of [
      await ask(`${url}/metrics`, { host }),
      await ask(`${url}/healthz`, { host }),
      await halt(url, { host }),
      await halt(url, { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" }),
      await ask(`${url}${POLICY}/GetPolicy`, { host, "access-control-request-method": "POST" }, "OPTIONS"),
    ]) {
      expect(status).toBe(403);
      expect(text).toMatch(/does not go by the name .* WEB_HOSTS/);
    }
    expect(engine.calls).toEqual([]);
  });

  it.each(["localhost", "LOCALHOST:1", "localhost.", "127.0.0.1", "192.168.1.7:8080", "[::1]", "[fe80::1]:80"])(
    "may be %s, whatever port others reach it by",
    async (host) => {
      const { url } = await serveWeb();
      expect((await ask(`${url}/healthz`, { host })).status).toBe(200);
    },
  );

  it("may be one that the operator gave, in any case, and none that resembles it", async () => {
    const { url } = await serveWeb({}, { hosts: ["Engine.Example"] });
    const statusAs = async (host: string) => (await ask(`${url}/healthz`, { host })).status;
    expect(await statusAs("engine.example:443")).toBe(200);
    expect(await statusAs("ENGINE.example.")).toBe(200);
    expect([await statusAs("x.engine.example"), await statusAs("engine.example.evil")]).toEqual([403, 403]);
  });

  it("is missing in a request of HTTP/1.0, which is refused too", async () => {
    const { server } = await serveWeb();
    const socket = connect(server.port, "127.0.0.1", () => socket.write("GET /healthz HTTP/1.0\r\n\r\n"));
    const [chunk] = await once(socket, "data");
    expect(String(chunk)).toMatch(/^HTTP\/1\.1 403 /);
    socket.destroy();
  });
});

describe("pages of other sites", () => {
  it("may not call, whatever the origin, and nothing that they order is done", async () => {
    const { url, engine } = await serveWeb();
    for (const origin of ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1", "file://"]) {
      const { status, headers, text } = await halt(url, { origin });
      expect([origin, status, text]).toMatchObject([origin, 403, expect.stringMatching(/WEB_CORS_ORIGINS/)]);
      expect(headers).not.toHaveProperty("access-control-allow-origin");
    }
    expect(engine.calls).toEqual([]);
  });

  it.each(["cross-site", "same-site"])("are known by the browser's word %s where no origin is sent", async (site) => {
    const { url } = await serveWeb({}, { allowedOrigins: ["https://desk.example"] });
    const headers = { "sec-fetch-site": site, "sec-fetch-mode": "no-cors" };
    expect((await ask(`${url}/metrics`, headers)).status).toBe(403);
    expect((await halt(url, headers)).status).toBe(403);
    const allowed = { ...headers, origin: "https://desk.example" };
    expect((await ask(`${url}/healthz`, allowed)).status).toBe(200);
  });

  it.each(["same-origin", "none"])("are not those that a person opens, or of the server itself: %s", async (site) => {
    const { url, server } = await serveWeb();
    expect((await ask(`${url}/healthz`, { "sec-fetch-site": site })).status).toBe(200);
    const local = {
      host: `localhost:${server.port}`,
      origin: `http://localhost:${server.port}`,
      "sec-fetch-site": site,
    };
    expect((await halt(url, local)).status).not.toBe(403);
  });

  it("that are allowed are told so, in preflights too", async () => {
    const origin = "https://desk.example:8443";
    const { url } = await serveWeb({}, { allowedOrigins: [origin] });
    const headers = { origin, "access-control-request-method": "POST" };
    const preflight = await ask(`${url}${POLICY}/GetPolicy`, headers, "OPTIONS");
    expect([preflight.status, preflight.headers["access-control-allow-origin"]]).toEqual([204, origin]);
    expect(preflight.headers["access-control-allow-methods"]).toBe("POST");
    expect(preflight.headers["access-control-allow-headers"]).toMatch(/Connect-Protocol-Version.*Authorization/);
    const call = await ask(`${url}${POLICY}/GetPolicy`, { "content-type": "application/json", origin }, "POST", "{}");
    expect([call.status, call.headers["access-control-allow-origin"]]).toEqual([200, origin]);
    expect(call.headers["access-control-expose-headers"]).toContain("Grpc-Status");
    expect((await ask(`${url}/healthz`, { origin: "https://other.example" })).status).toBe(403);
  });
});

it("tells browsers with every answer to guess no type and to show it to no other site", async () => {
  const { url } = await serveWeb({}, { metrics: { contentType: "text/plain", text: async () => "up 1\n" } });
  const json = { "content-type": "application/json" };
  const answers = [
    await ask(`${url}/metrics`, {}),
    await ask(`${url}/nothing`, {}),
    await ask(`${url}/healthz`, { host: "evil.example" }),
    await ask(`${url}/healthz`, {}, "DELETE"),
    await ask(`${url}${POLICY}/GetPolicy`, json, "POST", "{}"),
    await ask(`${url}${POLICY}/GetPolicy`, json, "POST", "{"),
    await ask(`${url}${POLICY}/GetPolicy`, {}),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 404, 403, 405, 200, 400, 405]);
  for (const { headers } of answers) {
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
    });
  }
});
