import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { type StrategyGenerator, setUpGenerator } from "./strategy-generator.ts";

const README = readFileSync(new URL("../../examples/python/README.md", import.meta.url), "utf8");

let folder: string;
let generator: StrategyGenerator;
let server: RunningServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "test-python-"));
  generator = await setUpGenerator(folder);
  // Recorded bars at their own pace: the market stands at the same half hour for as long as the
  // tests last.
  server = await startServer({ MARKET_DATA: "replay", REPLAY_SPEED: "1", DATA_DIR: "memory" });
}, 600_000);

afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the strategy generator in Python", () => {
  it("saves a strategy, promotes it through SHADOW to LIVE, and sees it loaded", async () => {
    expect(await generator(server.address, "--strategy", "pullback-30m", "launch", "--timeframe", "30m")).toBe(
      [
        "saved pullback-30m, version 1: LONG on 30m",
        "now SHADOW, version 2",
        "now LIVE, version 3",
        "the runtime has loaded 1 LIVE and 0 SHADOW strategies",
        "",
      ].join("\n"),
    );
  });

  it("explains why it fires or not: the outcome, and each condition with the values read", async () => {
    const text = await generator(server.address, "--strategy", "pullback-30m", "explain", "ETHUSD", "BTCUSD", "EURUSD");
    const [eth = "", btc = "", eur = ""] = text.split(/\n(?=BTCUSD|EURUSD)/);
    // The closes of 17 October 2017, 23:30, as data/ has them.
    expect(eth.split("\n")).toEqual([
      expect.stringMatching(/^ETHUSD: CONDITIONS_NOT_MET\. .*CLOSE is 315\.65, needs > SMA_20 at \S+ \(\S+ away\)/),
      expect.stringMatching(/^ {2}\[ \] CLOSE > SMA_20 on 30m: 315\.65 against 3\d\d/),
      "  [x] RSI_14 < 75 on 30m: 40.8187 against 75",
    ]);
    expect(btc.split("\n")).toEqual([
      expect.stringMatching(/^BTCUSD: DECIDED\. LONG BTCUSD: CLOSE is 5597\.1, holds/),
      expect.stringMatching(/^ {2}\[x\] CLOSE > SMA_20 on 30m: 5597\.1 against 55\d\d/),
      "  [x] RSI_14 < 75 on 30m: 49.7111 against 75",
      "  confidence 0.94, required 0.50",
    ]);
    expect(eur).toMatch(/^EURUSD: MARKET_DATA_UNAVAILABLE\. .*30m cannot be made/);
  });

  it("lists no decisions where there are none", async () => {
    expect(await generator(server.address, "--strategy", "pullback-30m", "decisions")).toBe("");
  });

  it("shows a refusal as its README does: every fault with its field, and no stack", async () => {
    const [, args = "", refusal = ""] = /\$ python strategy_generator\.py (.*)\n([\s\S]*?)\n```/.exec(README) ?? [];
    const refused = generator(server.address, ...args.split(" "));
    await expect(refused).rejects.toThrow(`ended with 1\n${refusal}`);
    await expect(refused).rejects.not.toThrow(/Traceback/);
    const unknown = generator(server.address, "--strategy", "nope", "explain", "BTCUSD");
    await expect(unknown).rejects.toThrow(/refused: NOT_FOUND: no strategy "nope" is stored/);
  });

  it("gives up after its deadline where nobody answers", async () => {
    await expect(generator("127.0.0.1:1", "explain")).rejects.toThrow(/refused: DEADLINE_EXCEEDED/);
  });
});
