import { expect, it } from "vitest";
import type { EngineEvent, Observer } from "../../src/ports/observer.ts";
import { fanOut } from "../../src/telemetry/fan-out.ts";

const RECOVERED = { kind: "recovered", what: "policy" } as const;
const BUG = new Error("a is undefined");

function hearing(): Observer & { readonly heard: EngineEvent[] } {
  const heard: EngineEvent[] = [];
  return { heard, wantsSuppressions: false, observe: (event) => heard.push(event) };
}

const faulty: Observer = {
  wantsSuppressions: false,
  observe() {
    throw BUG;
  },
};

it("an observer that throws keeps nobody from hearing, and the others hear of it once", () => {
  const [before, after] = [hearing(), hearing()];
  const observer = fanOut([before, faulty, after]);
  observer.observe(RECOVERED);
  const told = { kind: "thrown", where: "observer", error: BUG };
  expect(before.heard).toEqual([RECOVERED, told]);
  expect(after.heard).toEqual([told, RECOVERED]);
});

it("two observers that throw end nothing", () => {
  const other = hearing();
  fanOut([faulty, faulty, other]).observe(RECOVERED);
  expect(other.heard.map(({ kind }) => kind)).toEqual(["thrown", "thrown", "recovered"]);
});
