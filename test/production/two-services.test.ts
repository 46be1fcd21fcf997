import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { migrate } from "../../src/adapters/postgres/migrate.ts";
import { openPostgres } from "../../src/adapters/postgres/pool.ts";
import type { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import { openLink } from "./link.ts";
import {
  decidesAfter,
  eventually,
  expectWholeJournal,
  healthOf,
  insertStrategy,
  isReady,
  type Production,
  type Stores,
  SYMBOLS,
  startExchange,
  startProduction,
  startStores,
  whyNot,
} from "./production.ts";

const TTL_MS = 3_000;
/** May decide once on each symbol, however many services come and go. */
const COOLED = "once-a-day";
const TEST = { timeout: 120_000 };

let stores: Stores;
let exchange: FakeExchange;
/** The database as it is, whoever decides. */
let client: Client;

beforeAll(async () => {
  [stores, exchange] = await Promise.all([startStores(), startExchange()]);
  client = new Client({ connectionString: stores.postgres.url });
  await client.connect();
  const db = openPostgres(stores.postgres.url);
  await migrate(db);
  await db.close();
  await insertStrategy(client, "every-bar");
  await insertStrategy(client, COOLED);
  await client.query("UPDATE sg_strategies SET cooldown = '1 day' WHERE strategy_id = $1", [COOLED]);
});

afterAll(async () => {
  await client?.end();
  await exchange?.close();
  await stores?.close();
});

/** Gone with the test. */
function start(): Promise<Production> {
  return startProduction(stores, exchange);
}

/** One that decides, and one that waits for it. */
async function pair(): Promise<{ readonly active: Production; readonly standby: Production }> {
  const active = await start();
  await isReady(active.api);
  await decidesAfter(active.api, Date.now());
  return { active, standby: await start() };
}

/** When the newest decision is from, asked of the database itself: ms. */
async function newestDecision(): Promise<number> {
  const { rows } = await client.query("SELECT sg_ms(max(timestamp)) AS newest FROM sg_decisions");
  return rows[0].newest ?? 0;
}

/** Resolves with the time until a bar that closed after `moment` is decided on, ms. */
async function decidedAfter(moment: number): Promise<number> {
  await eventually(newestDecision, (newest) => newest > moment, 30_000);
  return Date.now() - moment;
}

describe("two services on one database", () => {
  it("one decides; the other waits, says for whom, and refuses calls with the address", TEST, async () => {
    const { active, standby } = await pair();
    const said = /^standby: \S+ holds the lease; call 127\.0\.0\.1:\d+$/;
    expect(await whyNot(standby.api)).toMatch(said);
    const lease = await eventually(
      () => active.api.status(),
      ({ activeAddress }) => activeAddress === active.server.address,
    );
    expect(lease).toMatchObject({ ready: true, role: "active", epoch: expect.stringMatching(/^[1-9]/) });
    expect(await standby.api.status()).toMatchObject({
      role: "standby",
      epoch: lease.epoch,
      activeAddress: active.server.address,
      leaseExpiresAt: expect.any(String),
    });
    const page = await standby.api.page("/readyz");
    expect(page.status).toBe(503);
    expect(page.text).toContain("standby: ");
    expect((await standby.api.page("/healthz")).status).toBe(200);
    expect(await healthOf(standby.server)).toBe("NOT_SERVING");
    const halt = await standby.api.call<{ message: string }>("SetTradingHalt", { halted: true, reason: "test" });
    expect(halt).toMatchObject({ status: 503, body: { code: "unavailable" } });
    expect(halt.body.message).toContain(active.server.address);
    await decidesAfter(active.api, Date.now() + 2_000);
    await expectWholeJournal(client);
  });

  it("the one that waits takes over where the active one is killed, once the lease is over", TEST, async () => {
    const { active, standby } = await pair();
    await active.server.kill("SIGKILL");
    const took = await decidedAfter(Date.now());
    console.log(`takeover, from SIGKILL to the first decision of a bar that closed later, ms: ${took}`);
    expect(took).toBeLessThan(TTL_MS + 5_000);
    await isReady(standby.api);
    expect((await standby.api.status()).role).toBe("active");
    await expectWholeJournal(client);
  });

  it(
    "start the next, wait until it answers, end the one before, eight times: somebody decides within 5 s",
    TEST,
    async () => {
      const gaps: number[] = [];
      let { active: before, standby: next } = await pair();
      for (let i = 0; i < 8; i++) {
        // Once both have met a close, each has written what it may.
        await decidedAfter(Date.now());
        const ended = Date.now();
        expect(await before.server.kill("SIGTERM")).toBe(0);
        gaps.push(await decidedAfter(ended));
        [before, next] = [next, await start()];
      }
      console.log(`handovers, from SIGTERM to the first decision of a bar that closed later, ms: ${gaps.join(" ")}`);
      expect(Math.max(...gaps)).toBeLessThan(5_000);
      await isReady(before.api);
      await expectWholeJournal(client);
      const { rows } = await client.query("SELECT symbol FROM sg_decisions WHERE strategy_id = $1", [COOLED]);
      expect(rows.map(({ symbol }) => symbol).toSorted()).toEqual([...SYMBOLS]);
    },
  );

  it("one that is cut off from the database stops deciding, and waits once it is heard again", TEST, async () => {
    const link = await openLink(stores.postgres.url);
    onTestFinished(() => link.close());
    const cutOff = await startProduction({ postgres: link, redis: stores.redis }, exchange);
    await isReady(cutOff.api);
    const other = await start();
    link.stall();
    const fault = await eventually(
      () => whyNot(cutOff.api),
      (why) => why.includes("lease: "),
    );
    expect(fault).toMatch(/the lease could not be renewed for \d+ ms/);
    await decidedAfter(Date.now());
    expect((await other.api.status()).role).toBe("active");
    link.resume();
    const why = await eventually(
      () => whyNot(cutOff.api),
      (text) => text.startsWith("standby: "),
    );
    expect(why).toContain(other.server.address);
    await decidesAfter(other.api, Date.now());
    await expectWholeJournal(client);
  });

  it("one that was frozen until another took over writes nothing when it wakes, and waits", TEST, async () => {
    const { active: frozen, standby: other } = await pair();
    frozen.server.signal("SIGSTOP");
    await decidedAfter(Date.now());
    frozen.server.signal("SIGCONT");
    const why = await eventually(
      () => whyNot(frozen.api),
      (text) => text.startsWith("standby: "),
    );
    expect(why).toContain(other.server.address);
    await decidesAfter(other.api, Date.now());
    await expectWholeJournal(client);
    await other.server.kill("SIGTERM");
    await decidedAfter(Date.now());
    expect((await frozen.api.status()).role).toBe("active");
    await expectWholeJournal(client);
  });
});

describe("a database that was restored under a running service", () => {
  it("goes on within seconds from what the store has, and says so", TEST, async () => {
    const { server, api } = await start();
    await decidedAfter(Date.now());
    await client.query("BEGIN");
    await client.query("UPDATE sg_journal SET last_sequence = last_sequence - 5");
    await client.query("DELETE FROM sg_decisions WHERE sequence > (SELECT last_sequence FROM sg_journal)");
    await client.query("COMMIT");
    const restored = Date.now();
    expect(await decidedAfter(restored)).toBeLessThan(10_000);
    expect(server.output).toContain("not as this process left it");
    await isReady(api);
    await decidesAfter(api, Date.now());
  });
});
