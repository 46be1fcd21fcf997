import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { CHANGED, type RedisPolicyOptions, redisPolicy } from "../../../src/adapters/redis/redis-policy.ts";
import { DEFAULT_POLICY } from "../../../src/domain/policy.ts";
import type { PolicyParts } from "../../../src/domain/policy-parts.ts";
import type { PolicyStore } from "../../../src/ports/policy-store.ts";
import { policyStoreContract } from "../../contracts/policy-store.ts";
import { refusal } from "../../contracts/refusal.ts";
import { startRedis } from "../../provide/redis.ts";
import type { PrivateServer } from "../../provide/server.ts";

let server: PrivateServer;
/** A controller that writes the keys itself. */
let controller: Redis;
const stores: PolicyStore[] = [];

beforeAll(async () => {
  server = await startRedis();
});

beforeEach(async () => {
  await server.start();
  controller = new Redis(server.url);
  controller.on("error", () => {});
  await controller.flushall();
  await controller.call("ACL", "DELUSER", "engine", "least");
});

afterEach(async () => {
  controller.disconnect();
  await Promise.all(stores.splice(0).map((store) => store.close()));
});

afterAll(() => server.close());

function open(options: Partial<RedisPolicyOptions> = {}): PolicyStore {
  const store = redisPolicy({ url: server.url, ...options });
  stores.push(store);
  return store;
}

async function opened(options: Partial<RedisPolicyOptions> = {}): Promise<PolicyStore> {
  const store = open(options);
  await store.ready();
  return store;
}

async function elapsed(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work;
  return performance.now() - start;
}

/** Reads until the store answers again. */
async function readable(store: PolicyStore): Promise<void> {
  await vi.waitFor(() => store.read(), { timeout: 10_000, interval: 20 });
}

async function plant(parts: PolicyParts): Promise<void> {
  const { allowedStrategies, ...strings } = parts;
  const names = { globalMinConfidence: "min_confidence" } as Record<string, string>;
  for (const [part, value] of Object.entries(strings)) {
    const name = names[part] ?? part.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    await controller.set(`global:${name}`, String(value));
  }
  if (allowedStrategies?.some((id) => typeof id !== "string")) {
    // A set has texts only; what cannot be read there is another type of value.
    await controller.set("global:allowed_strategies", "a");
  } else if (allowedStrategies?.length) {
    await controller.sadd("global:allowed_strategies", ...(allowedStrategies as string[]));
  }
}

describe("redisPolicy", () => {
  describe("as a policy store", () =>
    policyStoreContract(async () => ({ store: await opened(), plant }), { hearsOthers: false }));

  it("keeps the policy under the keys that controllers know, as text and a set", async () => {
    const store = await opened();
    await store.change({
      riskMode: "DEFENSIVE",
      globalMinConfidence: 0.65,
      allowedStrategies: ["b", "a"],
      halted: true,
      haltReason: "drawdown",
      currentRegime: "bear",
    });
    expect((await controller.keys("*")).toSorted()).toEqual([
      "global:allowed_strategies",
      "global:current_regime",
      "global:halt_reason",
      "global:halted",
      "global:min_confidence",
      "global:revision",
      "global:risk_mode",
    ]);
    expect(await controller.get("global:risk_mode")).toBe("DEFENSIVE");
    expect(await controller.get("global:min_confidence")).toBe("0.65");
    expect((await controller.smembers("global:allowed_strategies")).toSorted()).toEqual(["a", "b"]);
    expect(await controller.get("global:halted")).toBe("true");
    await store.change({ allowedStrategies: [], currentRegime: null });
    expect(await controller.exists("global:allowed_strategies", "global:current_regime")).toBe(0);
  });

  it.each([
    ["true", true],
    ["True", true],
    ["1", true],
    ["false", false],
    ["0", false],
  ])("reads global:halted %s as controllers write it", async (text, halted) => {
    await controller.set("global:halted", text);
    expect((await (await opened()).read()).halted).toBe(halted);
  });

  it.each([
    ["0.65", 0.65],
    ["1", 1],
    ["1e-05", 0.00001],
    [".5", 0.5],
  ])("reads global:min_confidence %s", async (text, confidence) => {
    await controller.set("global:min_confidence", text);
    expect((await (await opened()).read()).globalMinConfidence).toBe(confidence);
  });

  it.each([
    ["global:min_confidence", "high"],
    ["global:min_confidence", ""],
    ["global:min_confidence", "0x1"],
    ["global:min_confidence", "0,5"],
    ["global:min_confidence", "inf"],
    ["global:min_confidence", "1e999"],
    ["global:halted", "yes"],
    ["global:halted", ""],
  ])("refuses %s = %j", async (key, text) => {
    await controller.set(key, text);
    await refusal((await opened()).read(), "failed_precondition");
  });

  it.each([
    "global:risk_mode",
    "global:min_confidence",
    "global:halted",
    "global:halt_reason",
    "global:current_regime",
    "global:allowed_strategies",
  ])("refuses a list under %s, naming the key, until it is set anew", async (key) => {
    await controller.rpush(key, "x");
    const store = await opened();
    const error = await refusal(store.read(), "failed_precondition");
    expect(error.message).toContain(key);
    await store.change({
      riskMode: "NORMAL",
      globalMinConfidence: 0.5,
      allowedStrategies: ["a"],
      halted: false,
      haltReason: "",
      currentRegime: null,
    });
    expect(await store.read()).toStrictEqual({ ...DEFAULT_POLICY, allowedStrategies: ["a"] });
  });

  it("never shows half a change", async () => {
    const [writer, reader] = [await opened(), await opened()];
    const modes = ["DEFENSIVE", "AGGRESSIVE"] as const;
    for (let i = 0; i < 100; i++) {
      const riskMode = modes[i % 2] ?? "NORMAL";
      const allowedStrategies = Array.from({ length: 50 }, (_, k) => `${riskMode}-${k}`);
      const [policy] = await Promise.all([reader.read(), writer.change({ riskMode, allowedStrategies })]);
      expect(policy.allowedStrategies.filter((id) => !id.startsWith(policy.riskMode))).toEqual([]);
      expect([0, 50]).toContain(policy.allowedStrategies.length);
    }
  });

  it("takes many allowed strategies", async () => {
    const store = await opened();
    const allowedStrategies = Array.from({ length: 5_000 }, (_, i) => `s-${String(i).padStart(5, "0")}`);
    expect((await store.change({ allowedStrategies })).allowedStrategies).toEqual(allowedStrategies);
  });

  it("hears of changes that another process makes through it, and of the end of a break", async () => {
    const [mine, other] = [await opened(), await opened()];
    const steps = mine.changes(new AbortController().signal)[Symbol.asyncIterator]();
    const heard = steps.next();
    await vi.waitFor(async () => expect(await controller.pubsub("NUMSUB", CHANGED)).toEqual([CHANGED, 2]));
    await other.change({ halted: true });
    expect((await heard).done).toBe(false);
    const after = steps.next();
    await server.stop("SIGKILL");
    await server.start();
    expect((await after).done).toBe(false);
  });
});

describe("a Redis that is down", () => {
  it("at start is unavailable with the reason, at once, and is used when it comes", async () => {
    await server.stop();
    const store = open();
    const error = await refusal(store.ready(), "unavailable");
    expect(error.message).toMatch(/try again later: .*ECONNREFUSED/);
    expect(await elapsed(refusal(store.read(), "unavailable"))).toBeLessThan(1_000);
    await server.start();
    await vi.waitFor(() => store.ready(), { timeout: 10_000 });
    expect(await store.read()).toStrictEqual(DEFAULT_POLICY);
  });

  it("later is unavailable at once, and used again when it is back, with nothing sent late", async () => {
    const store = await opened();
    await server.stop("SIGKILL");
    await refusal(store.change({ halted: true }), "unavailable");
    const error = await refusal(store.read(), "unavailable");
    expect(error.message).toMatch(/ECONNREFUSED|ECONNRESET|closed/);
    await server.start();
    await readable(store);
    expect((await store.read()).halted).toBe(false);
    expect((await store.change({ halted: true })).halted).toBe(true);
  });

  it("for a caller who has closed it stays unavailable", async () => {
    const store = await opened();
    await store.close();
    await refusal(store.read(), "unavailable");
    await refusal(store.change({ halted: true }), "unavailable");
  });
});

describe("a Redis that is slow", () => {
  const limits = { commandTimeoutMs: 200 };

  it.each([
    ["frozen", freeze],
    ["paused", () => controller.call("CLIENT", "PAUSE", "1500", "ALL")],
  ])("is unavailable within the limit while it is %s, and then used again", async (_, delay) => {
    const store = await opened(limits);
    await delay();
    expect(await elapsed(refusal(store.read(), "unavailable"))).toBeLessThan(1_000);
    expect(await elapsed(refusal(store.change({ halted: true }), "unavailable"))).toBeLessThan(1_000);
    await readable(store);
  });

  /** Holds the process still for a while: it takes what is sent, and answers nothing. */
  async function freeze(): Promise<void> {
    const pid = Number(/process_id:(\d+)/.exec(await controller.info("server"))?.[1]);
    process.kill(pid, "SIGSTOP");
    setTimeout(() => process.kill(pid, "SIGCONT"), 1_500);
  }

  it("is given up where it takes connections and says nothing", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const store = open({ url: `redis://127.0.0.1:${port}`, ...limits });
    expect(await elapsed(refusal(store.ready(), "unavailable"))).toBeLessThan(3_000);
    expect(await elapsed(refusal(store.read(), "unavailable"))).toBeLessThan(1_000);
    await store.close();
    silent.close();
  });

  it("is connected anew where a connection falls silent", async () => {
    const store = await opened(limits);
    const before = await clientCount();
    await controller.call("CLIENT", "PAUSE", "3000", "ALL");
    await refusal(store.read(), "unavailable");
    await readable(store);
    expect(await clientCount()).toBeLessThanOrEqual(before);
  });

  async function clientCount(): Promise<number> {
    return String(await controller.call("CLIENT", "LIST"))
      .trim()
      .split("\n").length;
  }
});

describe("a Redis that refuses", () => {
  it("is unavailable where the password is wrong, and says so", async () => {
    await controller.call("ACL", "SETUSER", "engine", "on", ">right", "~*", "&*", "+@all");
    const url = (password: string) => server.url.replace("redis://", `redis://engine:${password}@`);
    const error = await refusal(open({ url: url("wrong") }).ready(), "unavailable");
    expect(error.message).toContain("WRONGPASS");
    expect(error.message).not.toContain("wrong@");
    expect(await (await opened({ url: url("right") })).read()).toStrictEqual(DEFAULT_POLICY);
  });

  it("is used without the right to subscribe: it is polled", async () => {
    await controller.call("ACL", "SETUSER", "least", "on", ">pass", "~global:*", "resetchannels", "+@all");
    const url = server.url.replace("redis://", "redis://least:pass@");
    const store = await opened({ url });
    expect(await store.read()).toStrictEqual(DEFAULT_POLICY);
  });

  it("needs no more rights than docs/redis.md lists", async () => {
    const page = readFileSync(new URL("../../../docs/redis.md", import.meta.url), "utf8");
    const listed = /ACL SETUSER (engine on >secret [^`]+)`/.exec(page)?.[1] ?? "";
    await controller.call("ACL", "SETUSER", ...listed.split(" "));
    const store = await opened({ url: server.url.replace("redis://", "redis://engine:secret@") });
    const change = { ...DEFAULT_POLICY, halted: true, allowedStrategies: ["a"], currentRegime: null } as const;
    const { currentRegime: _, ...after } = change;
    expect(await store.change(change)).toStrictEqual(after);
    await vi.waitFor(async () => expect(await controller.pubsub("NUMSUB", CHANGED)).toEqual([CHANGED, 1]));
  });

  it("changes nothing where it is out of memory", async () => {
    const store = await opened();
    await store.change({ riskMode: "AGGRESSIVE", currentRegime: "bull" });
    await controller.config("SET", "maxmemory", "1");
    await refusal(store.change({ riskMode: "DEFENSIVE", currentRegime: null }), "unavailable");
    await controller.config("SET", "maxmemory", "0");
    expect(await store.read()).toStrictEqual({ ...DEFAULT_POLICY, riskMode: "AGGRESSIVE", currentRegime: "bull" });
  });
});
