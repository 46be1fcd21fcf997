import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { OUTCOMES } from "../src/domain/decision.ts";
import { provideGrpcurl } from "./provide/grpcurl.ts";
import { SETTINGS_PAGE, withSettings } from "./settings-page.ts";
import { type TypedCommand, type } from "./terminal.ts";

const README = fileURLToPath(new URL("../README.md", import.meta.url));
const ROOT = dirname(README);
const TEXT = readFileSync(README, "utf8");

/** Where the README's commands find the service that `npm start` started. */
const DEFAULT_ADDRESS = "127.0.0.1:50051";
const DEFAULT_WEB_ADDRESS = "127.0.0.1:8080";

interface Block {
  readonly script: string;
  /**
   * A command that ends by itself, one that ends so and shows the pattern soon, or one that goes
   * on.
   */
  readonly kind: "run" | "soon" | "until";
  readonly pattern: RegExp;
}

/**
 * The fenced blocks that begin with "sh run", "sh soon=PATTERN" or "sh until=PATTERN", in order.
 */
const BLOCKS: readonly Block[] = [...TEXT.matchAll(/^```sh (run|soon|until)(?:=(\S+))?\n(.*?)^```$/gms)].map(
  ([, kind, pattern = "", script = ""]) => ({ script, kind: kind as Block["kind"], pattern: new RegExp(pattern) }),
);

let path: string;

beforeAll(async () => {
  const { grpcurl } = await provideGrpcurl();
  path = [dirname(grpcurl), process.env.PATH].join(delimiter);
}, 600_000);

function typed(line: string, env: Readonly<Record<string, string>> = {}): TypedCommand {
  const command = type(line, { cwd: ROOT, env: { ...process.env, PATH: path, ...env } });
  onTestFinished(async () => {
    await command.interrupt();
  });
  return command;
}

async function outputOf(script: string, kind: Block["kind"], pattern: RegExp): Promise<string> {
  const command = typed(`set -e\n${script}`);
  if (kind === "until") {
    await command.says(pattern);
    return command.interrupt();
  }
  const { code, output } = await command.ended();
  expect(code, `${script}\n${output}`).toBe(0);
  // The test's own limit ends it where the pattern never comes.
  return kind === "soon" && !pattern.test(output) ? outputOf(script, kind, pattern) : output;
}

describe("the README's commands", { timeout: 300_000 }, () => {
  it("start the service, and lead to a decision and its reasons, in the order in which they stand", async () => {
    expect(BLOCKS).toHaveLength(8);
    const service = typed("npm start", {
      GRPC_ADDRESS: "127.0.0.1:0",
      WEB_ADDRESS: "127.0.0.1:0",
      DATA_DIR: "memory",
      LOG_FORMAT: "json",
    });
    const [, address = "", webAddress = ""] = await service.says(/"address":"([\d.:]+)","webAddress":"([\d.:]+)"/);
    const at = (script: string) =>
      script.replaceAll(DEFAULT_ADDRESS, address).replaceAll(DEFAULT_WEB_ADDRESS, webAddress);
    const outputs: string[] = [];
    for (const { script, kind, pattern } of BLOCKS) {
      outputs.push(await outputOf(at(script), kind, pattern));
    }
    const [demo, scenarios, saved, listed, followed, evaluated, generated, status] = outputs;
    expect(demo).toContain("Paper trades by strategy");
    expect(scenarios).toContain("strength 87 %, confidence 84 %");
    expect(saved).toContain('"side":"SIDE_LONG"');
    expect(listed).toContain('"strategyId":"above_average"');
    expect(followed).toContain('"dataSource": "simulated"');
    expect(evaluated).toMatch(/"explanation":\s?".*CLOSE is .* EMA_20/);
    expect(generated).toContain('"evaluations": "2"');
    expect(status).toContain('"ready": true');
  });
});

describe("the README", () => {
  it("begins with one of the example strategies", () => {
    const [, shown = ""] = /^```json\n(.*?)^```$/ms.exec(TEXT) ?? [];
    const { status, cooldown, ...rest } = JSON.parse(shown);
    const file = JSON.parse(readFileSync(join(ROOT, "examples/strategies", `${rest.strategy_id}.json`), "utf8"));
    expect(file).toMatchObject({
      ...rest,
      status: `STRATEGY_STATUS_${status}`,
      cooldown: `${Number.parseInt(cooldown, 10) * 60}s`,
    });
  });

  it("leads to a page with the settings that the code has; `npx node test/settings-page.ts` mends it", () => {
    const page = readFileSync(SETTINGS_PAGE, "utf8");
    expect(withSettings(page)).toBe(page);
    const named = [...TEXT.matchAll(/^\| ([A-Z_]+(?:, [A-Z_]+)*) \| .* \| .* \|$/gm)].flatMap(([, names = ""]) =>
      names.split(", "),
    );
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => !page.includes(`| ${name} |`))).toEqual([]);
  });

  it("says of every outcome what to do, in the order in which they are judged", () => {
    const rows = [...TEXT.matchAll(/^\| ([A-Z_]+) \| (.+) \|$/gm)].filter(([, name = ""]) =>
      (OUTCOMES as readonly string[]).includes(name),
    );
    expect(rows.map(([, name]) => name)).toEqual(OUTCOMES);
  });

  it("links to what exists", () => {
    const targets = [...TEXT.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = ""]) => target);
    const files = targets.filter((target) => !/^https?:/.test(target));
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((target) => !existsSync(join(ROOT, target)))).toEqual([]);
  });
});
