import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createRelay, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { provideChromium } from "../provide/chromium.ts";
import { serveWeb } from "../rpc/serve-web.ts";
import { RunningProcess } from "../running-process.ts";

const POLICY = "/strategyruntime.v1.PolicyService";
const METRICS = { contentType: "text/plain", text: async () => "strategies 42\n" };

let chromium = "";
beforeAll(async () => {
  chromium = (await provideChromium()).chromium;
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/**
 * A site whose one page runs `script`, the body of an async function, and tells the site what it
 * answers. `onPage` is called once the page is asked for.
 */
async function site(
  script: string,
  onPage = () => {},
): Promise<{ readonly port: number; readonly told: Promise<unknown> }> {
  const told = Promise.withResolvers<unknown>();
  const page = `<!doctype html><script>
    const attempt = (run) => run().catch((error) => error.name);
    (async () => { ${script} })().catch(String)
      .then((answer) => fetch("http://127.0.0.1:" + location.hash.slice(1) + "/told", { method: "POST", mode: "no-cors", body: JSON.stringify(answer) }));
  </script>`;
  const server = createServer(async (request, response) => {
    if (request.url !== "/told") {
      onPage();
      response.writeHead(200, { "content-type": "text/html", connection: "close" }).end(page);
      return;
    }
    let text = "";
    for await (const chunk of request) {
      text += chunk;
    }
    response.end();
    told.resolve(JSON.parse(text));
  });
  return { port: await listening(server), told: told.promise };
}

/**
 * A real browser on a page. `names` says where it finds which name: what a name server would tell
 * it.
 */
function browse(url: string, names: Readonly<Record<string, string>>): void {
  const folder = mkdtempSync(join(tmpdir(), "test-chromium-"));
  const rules = Object.entries(names).map(([name, address]) => `MAP ${name} ${address}`);
  const browser = new RunningProcess(chromium, [
    ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
    ...["--disable-background-networking", "--disable-component-update", `--user-data-dir=${folder}`],
    // Pages from elsewhere are kept from this machine by some browsers, and by their users' leave
    // not by others.
    "--disable-features=LocalNetworkAccessChecks,PrivateNetworkAccessSendPreflights",
    `--host-resolver-rules=${rules.join(",")}`,
    url,
  ]);
  onTestFinished(async () => {
    await browser.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });
}

/** What a page does with a service at `base`: reads and orders as far as the browser lets it. */
const attack = (base: string) => `
  const call = (method, options = {}) => fetch("${base}${POLICY}/" + method, options);
  const read = "?connect=v1&encoding=json&message=%7B%7D";
  const json = { method: "POST", headers: { "content-type": "application/json" }, body: '{"halted":true,"reason":"x"}' };
  const status = async (answer) => [answer.status, /strategies 42|maintenance/.test(await answer.text())];
  const loads = (tag, url) => new Promise((resolve) => {
    const element = Object.assign(document.createElement(tag), { src: url, onload: () => resolve("loaded"), onerror: () => resolve("refused") });
    document.head.append(element);
  });
  return {
    get: await attempt(async () => status(await call("GetPolicy" + read))),
    metrics: await attempt(async () => status(await fetch("${base}/metrics"))),
    order: await attempt(async () => status(await call("SetTradingHalt", json))),
    blind: await attempt(async () => (await call("SetTradingHalt", { method: "POST", mode: "no-cors", body: json.body })).type),
    opaque: await attempt(async () => (await fetch("${base}/metrics", { mode: "no-cors" })).type),
    script: await loads("script", "${base}/metrics"),
  };`;

describe("a page elsewhere, in a real browser", { timeout: 120_000 }, () => {
  it("whose name was given this machine's address is told nothing, and its orders are not done", async () => {
    const { server, engine } = await serveWeb({}, { metrics: METRICS });
    // The name leads here: first to the site, and once the browser has its page, to the service.
    let leadsTo = () => evil.port;
    const evil = await site(
      `// Connections that the browser opened before still reach the site.
      while ((await fetch("/healthz")).headers.get("content-type") === "text/html") {}
      ${attack("")}`,
      () => {
        leadsTo = () => server.port;
      },
    );
    const relay = createRelay((near) => {
      const far = connect(leadsTo(), "127.0.0.1");
      near.on("error", () => far.destroy()).pipe(far);
      far.on("error", () => near.destroy()).pipe(near);
    });
    const port = await listening(relay);
    browse(`http://evil.example:${server.port}/#${evil.port}`, { "evil.example": `127.0.0.1:${port}` });
    expect(await evil.told).toEqual({
      get: [403, false],
      metrics: [403, false],
      order: [403, false],
      blind: "basic",
      opaque: "basic",
      script: "refused",
    });
    expect(engine.calls).toEqual([]);
  });

  it("reads nothing of the service by its true address, and its orders are not done", async () => {
    const { url, engine } = await serveWeb({}, { metrics: METRICS });
    const evil = await site(attack(url));
    browse(`http://evil.example:${evil.port}/#${evil.port}`, { "evil.example": "127.0.0.1" });
    expect(await evil.told).toEqual({
      get: "TypeError",
      metrics: "TypeError",
      order: "TypeError",
      // The browser keeps even the fact of the answer from the page.
      blind: "TypeError",
      opaque: "TypeError",
      script: "refused",
    });
    expect(engine.calls).toEqual([]);
  });

  it("that is allowed calls and reads the answer", async () => {
    const desk = await site("return 0");
    const origin = `http://desk.example:${desk.port}`;
    const { url, engine } = await serveWeb({}, { metrics: METRICS, allowedOrigins: [origin] });
    const page = await site(`${attack(url)}`);
    const names = { "desk.example": `127.0.0.1:${page.port}` };
    browse(`${origin}/#${page.port}`, names);
    expect(await page.told).toMatchObject({ metrics: [200, true], order: [200, true], script: "refused" });
    expect(engine.calls.map(({ method }) => method)).toEqual(["change"]);
  });
});
