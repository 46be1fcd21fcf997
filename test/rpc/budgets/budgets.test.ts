import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { UNLIMITED } from "../../../src/rpc/budgets/account.ts";
import { Budgets } from "../../../src/rpc/budgets/budgets.ts";
import { callerOf } from "../../../src/rpc/budgets/caller.ts";
import { laneOf, METHOD_LANES } from "../../../src/rpc/budgets/lanes.ts";
import { UsedTime } from "../../../src/rpc/budgets/used-time.ts";

const contract = [StrategyRuntimeService, StrategyService, PolicyService, PerformanceService];
const methods = contract.flatMap((service) => service.methods);
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

describe("budgets", () => {
  const limits = { ...UNLIMITED, orders: 2, processor: 1_000 };

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
    ["::ffff:c000:207:50000", "address 192.0.2.7"],
    ["0:0:0:0:0:ffff:c000:0207:50000", "address 192.0.2.7"],
    ["2001:db8:0:42:1:2:3:4:50000", "address 2001:db8:0:42::/64"],
    ["2001:db8:0:42::9:50000", "address 2001:db8:0:42::/64"],
    ["2001:0DB8::9:50000", "address 2001:db8:0:0::/64"],
    ["fe80::1%eth0:50000", "address fe80:0:0:0::/64"],
    ["unknown", "address unknown"],
    ["", "address unknown"],
  ])("without a name goes by the address of %s", (peer, key) => {
    expect(callerOf(undefined, peer, OPEN)).toEqual({ key, name: key, label: "address", isLocal: false });
  });

  it.each(["127.0.0.1:1", "127.8.9.1:1", "::1:1", "::ffff:127.0.0.1:1", "::ffff:7f00:1:1"])(
    "on this machine is local: %s",
    (peer) => {
      expect(callerOf(undefined, peer, OPEN).isLocal).toBe(true);
      expect(callerOf({ name: "vera", role: "viewer" }, peer, OPEN).isLocal).toBe(false);
      expect(callerOf(undefined, peer, { mustBeKnown: true }).isLocal).toBe(false);
    },
  );

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
