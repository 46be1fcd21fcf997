import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { provideCurl } from "./provide/curl.ts";
import { type } from "./terminal.ts";

const ROOT = dirname(fileURLToPath(new URL(".", import.meta.url)));
const PAGE = readFileSync(join(ROOT, "docs/replay.md"), "utf8");
const WEB = "127.0.0.1:8080";

function blocks(kind: string): readonly string[] {
  return [...PAGE.matchAll(/^```(\S+ ?\S*)\n(.*?)^```$/gms)].flatMap(([, is, text = ""]) =>
    is === kind ? [text] : [],
  );
}

describe("the page of replays", { timeout: 300_000 }, () => {
  it("leads to decisions, to the line that says that it is over, and to a second look", async () => {
    const [start = ""] = blocks("sh start");
    const [save = "", list = ""] = blocks("sh run");
    const [shown = ""] = blocks("text");
    expect(start).toMatch(/DATA_DIR=\S+ npm start/);
    const { curl } = await provideCurl();
    const path = [dirname(curl), process.env.PATH].join(delimiter);
    const env = { ...process.env, GRPC_ADDRESS: "127.0.0.1:0", WEB_ADDRESS: "127.0.0.1:0", LOG_FORMAT: "json" };
    const service = type(start.replace(/DATA_DIR=\S+/, "DATA_DIR=memory"), { cwd: ROOT, env });
    onTestFinished(async () => void (await service.interrupt()));
    const [, web = ""] = await service.says(/"webAddress":"([\d.:]+)"/);
    const run = async (script: string) =>
      await type(`set -e\n${script.replaceAll(WEB, web)}`, { cwd: ROOT, env: { ...process.env, PATH: path } }).ended();
    expect((await run(save)).output).toContain('"strategyId":"rsi_dip_1h"');
    const [over] = await service.says(/replay: over at market time [^"]*/);
    expect(over).toContain(shown.trimEnd().replace(/ …$/, ""));
    const listed = JSON.parse((await run(list)).output) as { decisions: readonly object[] };
    expect(listed.decisions).toHaveLength(3);
    expect(listed.decisions[0]).toMatchObject({ strategyId: "rsi_dip_1h", dataSource: "replay" });
  });
});
