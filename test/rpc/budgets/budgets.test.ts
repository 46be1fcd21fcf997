import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { BUDGETS, UNLIMITED } from "../../../src/rpc/budgets/account.ts";
import { Budgets } from "../../../src/rpc/budgets/budgets.ts";
import { callerOf } from "../../../src/rpc/budgets/caller.ts";
import { type Lane, laneOf, METHOD_LANES } from "../../../src/rpc/budgets/lanes.ts";
import type { Share } from "../../../src/rpc/budgets/share.ts";
import { UsedTime } from "../../../src/rpc/budgets/used-time.ts";

const contract = [StrategyRuntimeService, StrategyService, PolicyService, PerformanceService];
const methods = contract.flatMap((service) => service.methods);
const LANES: readonly Lane[] = ["order", "read", "costly", "signals", "stream"];
/** Where nobody needs a token. */
const OPEN = { mustBeKnown: false };
const caller = (name: string) => callerOf({ name, role: "viewer" }, "", OPEN);

describe("the table of lanes", () => {
  it("has a row for every method of the contract, and no other; streams go by places", () => {
    const names = methods.map(({ parent, name }) => `${parent.typeName}/${name}`);
    expect(Object.keys(METHOD_LANES).sort()).toEqual(names.sort());
    const streams = methods.filter((method) => ["signals", "stream"].includes(laneOf(method)));
    expect(streams).toEqual(methods.filter(({ methodKind }) => methodKind !== "unary"));
  });

  it("takes every change of the policy and every report for an order", () => {
    const orders = methods.filter(({ name }) => /^(Set|Report)/.test(name));
    expect(orders.length).toBe(9);
    expect(methods.filter((method) => laneOf(method) === "order")).toEqual(orders);
  });
});

describe("the books of the budgets", () => {
  const limits = { calls: 3, orders: 2, streams: 2, processor: 1_000 };
  const step = fc.oneof(
    fc.record({
      do: fc.constant("open" as const),
      who: fc.integer({ min: 0, max: 2 }),
      lane: fc.constantFrom(...LANES),
    }),
    fc.record({ do: fc.constantFrom("end" as const, "hold" as const, "spend" as const), which: fc.nat() }),
    fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 30_000 }) }),
  );

  it("hold for any order of taking and giving: never below nothing, never above the most, and nothing is left", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let now = 0;
        const budgets = new Budgets({ limits, now: () => now });
        // What is open by a second count: holders of each share, and shares of each caller and budget.
        const open: { share: Share; holders: number; key: string }[] = [];
        const owed = [0, 0, 0];
        const counted = (key: string) => open.filter((one) => one.key === key).length;
        for (const one of steps) {
          switch (one.do) {
            case "open": {
              const budget = one.lane === "order" ? "orders" : one.lane.startsWith("s") ? "streams" : "calls";
              const key = `${one.who} ${budget}`;
              const isFull = counted(key) >= limits[budget];
              const isLate = one.lane === "costly" && (owed[one.who] ?? 0) >= limits.processor;
              const admit = () => budgets.admit(caller(String(one.who)), one.lane);
              if (isFull || isLate) {
                expect(admit).toThrow(isLate ? "PROCESSOR_PER_CALLER" : "_PER_CALLER");
              } else {
                open.push({ share: admit(), holders: 1, key });
              }
              break;
            }
            case "wait":
              now += one.ms;
              owed.forEach((ms, who) => {
                owed[who] = Math.max(0, ms - (one.ms * limits.processor) / 60_000);
              });
              break;
            default: {
              const index = open.length === 0 ? -1 : one.which % open.length;
              const chosen = open[index];
              if (chosen === undefined) {
                break;
              }
              if (one.do === "hold") {
                chosen.share.hold();
                chosen.holders++;
              } else if (one.do === "spend") {
                chosen.share.spend(100);
                const who = Number(chosen.key[0]);
                owed[who] = (owed[who] ?? 0) + 100;
              } else {
                chosen.share.release();
                chosen.holders--;
                if (chosen.holders === 0) {
                  open.splice(index, 1);
                }
              }
            }
          }
          for (const budget of ["calls", "orders", "streams"] as const) {
            const most = Math.max(...[0, 1, 2].map((who) => counted(`${who} ${budget}`)));
            expect(budgets.mostUsed(budget)).toBe(most / limits[budget]);
          }
          expect(budgets.mostUsed("processor")).toBeCloseTo(Math.max(...owed) / limits.processor, 6);
        }
        for (const { share, holders } of open) {
          for (let held = 0; held < holders; held++) {
            share.release();
          }
        }
        expect(BUDGETS.map((budget) => budgets.mostUsed(budget)).slice(0, 3)).toEqual([0, 0, 0]);
        // Who owes nothing after its last call is forgotten; the others are once somebody looks.
        now += 60_000 * (1 + Math.max(...owed) / limits.processor);
        for (const who of ["0", "1", "2"]) {
          budgets.admit(caller(who), "read").release();
        }
        expect(budgets.callers).toBe(0);
      }),
    );
  });

  it("do not grow with callers that have come and gone", () => {
    let now = 0;
    const budgets = new Budgets({ limits, now: () => now });
    for (let count = 0; count < 5_000; count++) {
      const share = budgets.admit(callerOf(undefined, `198.51.${count >> 8}.${count & 255}:1`, OPEN), "costly");
      share.spend(1);
      share.release();
      now += 100;
    }
    expect(budgets.callers).toBeLessThanOrEqual(1_001);
  });

  it("say who was refused what, and who spent what", () => {
    const said: unknown[] = [];
    const budgets = new Budgets({
      limits,
      now: () => 0,
      onRefused: (...refused) => said.push(refused),
      onSpent: (...spent) => said.push(spent),
    });
    const share = budgets.admit(caller("vera"), "costly");
    share.spend(2_000);
    expect(() => budgets.admit(caller("vera"), "costly")).toThrow("vera has used 2 of 1 s of processor time");
    const order = () => budgets.admit(callerOf(undefined, "192.0.2.1:7", OPEN), "order");
    order();
    order();
    expect(order).toThrow("address 192.0.2.1 has 2 of 2 orders under way");
    expect(said).toEqual([
      [2_000, "vera"],
      ["processor", "vera"],
      ["orders", "address"],
    ]);
  });
});

describe("processor time that was used", () => {
  it("is forgotten evenly, and what is owed takes as much longer", () => {
    const time = new UsedTime(10_000);
    time.add(10_000, 0);
    expect([time.used(30_000), time.waitMs(30_000)]).toEqual([5_000, 0]);
    time.add(25_000, 30_000);
    expect(time.waitMs(30_000)).toBe(120_000);
    expect(time.used(150_000)).toBe(10_000);
    expect(time.used(1e9)).toBe(0);
  });

  it("is no less for a clock that stands still or goes back", () => {
    const time = new UsedTime(10_000);
    time.add(5_000, 1_000);
    expect([time.used(1_000), time.used(0)]).toEqual([5_000, 5_000]);
  });
});

describe("a caller", () => {
  it.each([
    ["192.0.2.7:50000", "address 192.0.2.7"],
    ["::ffff:192.0.2.7:50000", "address 192.0.2.7"],
    ["2001:db8:0:42:1:2:3:4:50000", "address 2001:db8:0:42::/64"],
    ["2001:db8:0:42::9:50000", "address 2001:db8:0:42::/64"],
    ["2001:0DB8::9:50000", "address 2001:db8:0:0::/64"],
    ["fe80::1%eth0:50000", "address fe80:0:0:0::/64"],
    ["unknown", "address unknown"],
    ["", "address unknown"],
  ])("without a name goes by the address of %s", (peer, key) => {
    expect(callerOf(undefined, peer, OPEN)).toEqual({ key, name: key, label: "address", isLocal: false });
  });

  it.each(["127.0.0.1:1", "127.8.9.1:1", "::1:1", "::ffff:127.0.0.1:1"])("on this machine is local: %s", (peer) => {
    expect(callerOf(undefined, peer, OPEN).isLocal).toBe(true);
    expect(callerOf({ name: "vera", role: "viewer" }, peer, OPEN).isLocal).toBe(false);
    expect(callerOf(undefined, peer, { mustBeKnown: true }).isLocal).toBe(false);
  });

  it("by name has one budget wherever it calls from, and is no address of that name", () => {
    const vera = { name: "vera", role: "viewer" } as const;
    expect(callerOf(vera, "192.0.2.1:1", OPEN).key).toBe(callerOf(vera, "192.0.2.2:1", OPEN).key);
    expect(callerOf({ ...vera, name: "address 192.0.2.1" }, "", OPEN).key).not.toBe(
      callerOf(undefined, "192.0.2.1:1", OPEN).key,
    );
  });

  it("whose address is another one's is not refused for it; on this machine nobody is", () => {
    const budgets = new Budgets({ limits: { ...UNLIMITED, streams: 1 } });
    const stream = (peer: string) => budgets.admit(callerOf(undefined, peer, OPEN), "stream");
    stream("192.0.2.1:1");
    expect(() => stream("192.0.2.1:2")).toThrow("address 192.0.2.1 has 1 of 1 open streams");
    stream("192.0.2.2:1");
    stream("127.0.0.1:1");
    stream("127.0.0.1:2");
  });
});
