import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { providePromtool } from "../provide/promtool.ts";
import { freePort, startServer } from "../provide/server.ts";
import { provideDeployTools, ROOT, readYaml } from "./deploy-tools.ts";
import { busyMetrics, serveBusyMetrics } from "./live-metrics.ts";

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}
interface Dashboard {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition: string }[] };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly panels: readonly Panel[];
}

const dashboard: Dashboard = JSON.parse(
  readFileSync(join(ROOT, "deploy/grafana/dashboards/strategy-runtime.json"), "utf8"),
);
const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

/** As Grafana asks it with all instances and strategies chosen. */
function filledIn(expr: string): string {
  return expr.replaceAll(/\$(instance|strategy)\b/g, ".*").replaceAll(/\$__(rate_interval|interval|range)\b/g, "4s");
}

/** Prometheus itself, looking at `target` ten times a second. */
async function startPrometheus(target: string): Promise<string> {
  const { promtool } = await providePromtool();
  const folder = mkdtempSync(join(tmpdir(), "test-prometheus-"));
  const config = join(folder, "prometheus.yml");
  const scrape = `{ job_name: strategy-runtime, static_configs: [{ targets: ["${target}"] }] }`;
  writeFileSync(config, `global: { scrape_interval: 100ms }\nscrape_configs: [${scrape}]\n`);
  const address = `127.0.0.1:${await freePort()}`;
  const server = await startServer({
    command: join(dirname(promtool), "prometheus"),
    args: [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, "data")}`, `--web.listen-address=${address}`],
    ready: /Server is ready to receive web requests/,
    url: `http://${address}`,
    folder,
    signal: "SIGTERM",
  });
  onTestFinished(() => server.close());
  return server.url;
}

async function ask(prometheus: string, query: string): Promise<readonly { readonly value: [number, string] }[]> {
  const response = await fetch(`${prometheus}/api/v1/query`, { method: "POST", body: new URLSearchParams({ query }) });
  const answer = (await response.json()) as { status: string; error?: string; data: { result: never[] } };
  if (answer.status !== "success") {
    throw new Error(`${query}: ${answer.error}`);
  }
  return answer.data.result;
}

// Hooks may take longer than tests, where something has to be installed first.
beforeAll(async () => {
  await providePromtool();
  await provideDeployTools();
});

describe("the dashboard", () => {
  it("gets an answer from Prometheus to every query", { timeout: 60_000 }, async () => {
    const prometheus = await startPrometheus(await serveBusyMetrics());
    // The queries look 4 s back at most; ten looks at the metrics are enough for rates.
    const scrapes = async () => Number((await ask(prometheus, "count_over_time(up[1m])"))[0]?.value[1] ?? 0);
    for (const limit = performance.now() + 30_000; (await scrapes()) < 10; await wait(100)) {
      expect(performance.now()).toBeLessThan(limit);
    }
    const asked = [...queries, ...dashboard.annotations.list.map(({ expr }) => ({ title: "annotation", expr }))];
    const silent: string[] = [];
    for (const { title, expr } of asked) {
      const result = await ask(prometheus, filledIn(expr));
      if (result.length === 0 || result.every(({ value }) => value[1] === "NaN")) {
        silent.push(`${title}: ${expr}`);
      }
    }
    expect(asked.length).toBeGreaterThan(40);
    // A halt that does not change is the one thing that does not happen here.
    expect(silent).toEqual([expect.stringMatching(/^annotation: changes\(/)]);
    await expect(ask(prometheus, "sum(rate(x[5m])")).rejects.toThrow(/parse error/);
  });

  it("shows every metric that there is, and names no other", async () => {
    const { metrics, happen, stop } = busyMetrics();
    onTestFinished(stop);
    await happen();
    const named = new Set([...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => String(name)));
    const texts = [...queries.map(({ expr }) => expr), ...dashboard.templating.list.map((item) => item.definition)];
    const used = new Set(
      texts
        .flatMap((text) => text.match(/\b(strategy_runtime|process|nodejs)_\w+/g) ?? [])
        .map((name) => (name.endsWith("_bucket") ? name.slice(0, -"_bucket".length) : name)),
    );
    expect([...used].sort()).toEqual([...named].sort());
  });

  it("has panels with ids of their own that do not lie on each other", () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });

  it("asks the source that is provisioned, from the folder that is provisioned", async () => {
    const folder = "deploy/grafana/provisioning";
    const sources = await readYaml<{ datasources: readonly { uid: string; url: string }[] }>(
      `${folder}/datasources/prometheus.yml`,
    );
    const uids = dashboard.panels.flatMap(({ datasource, targets = [] }) => [
      ...(datasource ? [datasource.uid] : []),
      ...targets.map((target) => target.datasource.uid),
    ]);
    expect([...new Set(uids)]).toEqual(sources.datasources.map(({ uid }) => uid));
    const { providers } = await readYaml<{ providers: readonly { options: { path: string } }[] }>(
      `${folder}/dashboards/strategy-runtime.yml`,
    );
    const { services } = await readYaml<{ services: { grafana: { volumes: readonly string[] } } }>("compose.yaml");
    expect(services.grafana.volumes).toContain(`./deploy/grafana/dashboards:${providers[0]?.options.path}:ro`);
    expect(services.grafana.volumes).toContain("./deploy/grafana/provisioning:/etc/grafana/provisioning:ro");
  });
});
