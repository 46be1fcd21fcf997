import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { run } from "../provide/command.ts";
import { providePromtool } from "../provide/promtool.ts";
import { ROOT, readYaml } from "./deploy-tools.ts";
import { busyMetrics } from "./live-metrics.ts";

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

const CASES = "test/deploy/alerts.test.yml";
let promtool = "";
let alerts: readonly Alert[] = [];
beforeAll(async () => {
  promtool = (await providePromtool()).promtool;
  const { groups } = await readYaml<{ groups: readonly { rules: readonly Alert[] }[] }>("deploy/prometheus/alerts.yml");
  alerts = groups.flatMap(({ rules }) => rules);
});

describe("the alert rules", () => {
  it("are what Prometheus takes, by the configuration that names them", async () => {
    const said = await run(promtool, ["check", "config", "deploy/prometheus/prometheus.yml"], { cwd: ROOT });
    expect(alerts.length).toBeGreaterThan(20);
    expect(said).toContain(`SUCCESS: ${alerts.length} rules found`);
  });

  it("fire when they should and not before", async () => {
    expect(await run(promtool, ["test", "rules", CASES], { cwd: ROOT })).toContain("SUCCESS");
    const cases = readFileSync(join(ROOT, CASES), "utf8");
    const fired = (name: string) => new RegExp(`labels: .*alertname="${name}".*severity=`).test(cases);
    expect(alerts.map(({ alert }) => alert).filter((name) => !fired(name))).toEqual([]);
  });

  it("go by metrics that there are", async () => {
    const { metrics, happen, stop } = busyMetrics();
    onTestFinished(stop);
    await happen();
    const text = await metrics.text();
    const used = alerts.flatMap(({ expr }) => expr.match(/\b(strategy_runtime|process)_\w+/g) ?? []);
    expect(new Set(used).size).toBeGreaterThan(15);
    expect([...new Set(used)].filter((name) => !new RegExp(`^${name}(\\{| )`, "m").test(text))).toEqual([]);
    // A label that no sample has would make a rule that never fires.
    const matchers = alerts.flatMap(({ expr }) => [...expr.matchAll(/(strategy_runtime_\w+)\{(\w+)="([^"]+)"/g)]);
    expect(matchers.length).toBeGreaterThan(3);
    const samples = text.split("\n");
    const matched = ([, name, label, value]: RegExpExecArray) =>
      samples.some((line) => line.startsWith(`${name}{`) && line.includes(`${label}="${value}"`));
    expect(matchers.filter((match) => !matched(match)).map(([whole]) => whole)).toEqual([]);
  });

  it("say how urgent they are and what is wrong, and each has its section for the one who is woken", () => {
    const pages = readFileSync(join(ROOT, "docs/operations.md"), "utf8");
    const sections = [...pages.matchAll(/^### (\w+) \((\w+)\)$/gm)].map(([, name, severity]) => ({ name, severity }));
    expect(sections).toEqual(alerts.map(({ alert, labels }) => ({ name: alert, severity: labels.severity })));
    expect(alerts.filter(({ labels }) => !["critical", "warning", "info"].includes(labels.severity))).toEqual([]);
    expect(alerts.filter(({ annotations }) => annotations.summary.length < 20)).toEqual([]);
  });
});
