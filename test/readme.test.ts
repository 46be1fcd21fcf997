import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { OUTCOMES } from "../src/domain/decision.ts";
import { provideGrpcurl } from "./provide/grpcurl.ts";
import { README, withSettings } from "./readme-settings.ts";
import { type TypedCommand, type } from "./terminal.ts";

const ROOT = dirname(README);
const TEXT = readFileSync(README, "utf8");

/** Where the README's commands find the service that `npm start` started. */
const DEFAULT_ADDRESS = "127.0.0.1:50051";

interface Block {
  readonly script: string;
  /** Interrupted once this is seen; runs to its end, without. */
  readonly until?: RegExp;
}

/** The fenced blocks that begin with "sh run" (they end by themselves) or "sh until=PATTERN", in order. */
const BLOCKS: readonly Block[] = [...TEXT.matchAll(/^```sh (?:run|until=(\S+))\n(.*?)^```$/gms)].map(
  ([, until, script = ""]) => ({ script, ...(until !== undefined && { until: new RegExp(until) }) }),
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

describe("the README's commands", { timeout: 300_000 }, () => {
  it("start the service, and lead to a decision and its reasons, in the order in which they stand", async () => {
    expect(BLOCKS).toHaveLength(7);
    const service = typed("npm start", {
      GRPC_ADDRESS: "127.0.0.1:0",
      WEB_ADDRESS: "127.0.0.1:0",
      DATA_DIR: "memory",
      LOG_FORMAT: "json",
    });
    const [, address = ""] = await service.says(/"address":"([\d.:]+)"/);
    const outputs: string[] = [];
    for (const { script, until } of BLOCKS) {
      const command = typed(`set -e\n${script.replaceAll(DEFAULT_ADDRESS, address)}`);
      if (until !== undefined) {
        await command.says(until);
        outputs.push(await command.interrupt());
        continue;
      }
      const { code, output } = await command.ended();
      expect(code, `${script}\n${output}`).toBe(0);
      outputs.push(output);
    }
    const [demo, scenarios, saved, followed, evaluated, generated, status] = outputs;
    expect(demo).toContain("Paper trades by strategy");
    expect(scenarios).toContain("strength 87 %, confidence 84 %");
    expect(saved).toContain('"side": "SIDE_LONG"');
    expect(followed).toContain('"dataSource": "simulated"');
    expect(evaluated).toMatch(/"explanation": ".*CLOSE is .* EMA_20/);
    expect(generated).toContain('"evaluations": "2"');
    expect(status).toContain('"ready": true');
  });
});

describe("the README", () => {
  it("has the table of settings that the code has; `npx node test/readme-settings.ts` mends it", () => {
    expect(withSettings(TEXT)).toBe(TEXT);
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
