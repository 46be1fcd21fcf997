import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../src/domain/policy.ts";
import type { PolicyParts } from "../../src/domain/policy-parts.ts";
import type { PolicyStore } from "../../src/ports/policy-store.ts";
import { refusal } from "./refusal.ts";

export interface PolicyUnderTest {
  readonly store: PolicyStore;
  /** Writes parts into the store as another controller would, unchecked. */
  plant(parts: PolicyParts): Promise<void>;
}

const FULL = {
  riskMode: "AGGRESSIVE",
  globalMinConfidence: 0.1 + 0.2,
  allowedStrategies: ["a", "b"],
  halted: true,
  haltReason: "高ボラティリティ",
  currentRegime: "bull",
} as const;

export interface PolicyStoreTraits {
  /** Whether the store tells of what others write into it. */
  readonly hearsOthers: boolean;
}

/** `open` gives a new, empty store that is ready. */
export function policyStoreContract(
  open: () => Promise<PolicyUnderTest>,
  { hearsOthers }: PolicyStoreTraits = { hearsOthers: true },
): void {
  let store: PolicyStore;
  let plant: PolicyUnderTest["plant"];

  beforeEach(async () => {
    ({ store, plant } = await open());
  });

  afterEach(() => store.close());

  describe("read", () => {
    it("gives the default where nothing is stored", async () => {
      expect(await store.read()).toStrictEqual(DEFAULT_POLICY);
    });

    it("gives what others wrote, with the default for absent parts", async () => {
      await plant({ globalMinConfidence: 0.9 });
      expect(await store.read()).toStrictEqual({ ...DEFAULT_POLICY, globalMinConfidence: 0.9 });
      await plant(FULL);
      expect(await store.read()).toStrictEqual(FULL);
    });

    it("gives allowed strategies once each, sorted by code point", async () => {
      await plant({ allowedStrategies: ["b", "\u{1f600}", "\u{ff5e}", "a", "b", "B"] });
      expect((await store.read()).allowedStrategies).toEqual(["B", "a", "b", "\u{ff5e}", "\u{1f600}"]);
    });

    it("takes an empty regime for an absent one", async () => {
      await plant({ currentRegime: "" });
      expect(await store.read()).toStrictEqual(DEFAULT_POLICY);
    });

    it("gives a confidence above 1, which lets nothing through", async () => {
      await plant({ globalMinConfidence: 1.5 });
      expect((await store.read()).globalMinConfidence).toBe(1.5);
    });

    it.each([
      ["a risk mode that does not exist", { riskMode: "aggressive" }],
      ["an empty risk mode", { riskMode: "" }],
      ["a confidence that is no number", { globalMinConfidence: Number.NaN }],
      ["an infinite confidence", { globalMinConfidence: Number.POSITIVE_INFINITY }],
      ["a negative confidence", { globalMinConfidence: -0.1 }],
      ["an allowed strategy that is not text", { allowedStrategies: ["a", null] }],
    ])("is refused with %s", async (_, parts) => {
      await plant(parts);
      await refusal(store.read(), "failed_precondition");
    });
  });

  describe("change", () => {
    it("changes every part and answers with the snapshot after it", async () => {
      expect(await store.change(FULL)).toStrictEqual(FULL);
      expect(await store.read()).toStrictEqual(FULL);
    });

    it("leaves the parts that are not given", async () => {
      await store.change(FULL);
      expect(await store.change({ riskMode: "DEFENSIVE" })).toStrictEqual({ ...FULL, riskMode: "DEFENSIVE" });
      expect(await store.change({ halted: false, haltReason: "" })).toStrictEqual({
        ...FULL,
        riskMode: "DEFENSIVE",
        halted: false,
        haltReason: "",
      });
      expect(await store.change({ allowedStrategies: [] })).toMatchObject({
        allowedStrategies: [],
        riskMode: "DEFENSIVE",
      });
      expect(await store.change({ globalMinConfidence: 0 })).toMatchObject({ globalMinConfidence: 0 });
      expect(await store.change({})).toMatchObject({ globalMinConfidence: 0, currentRegime: "bull" });
    });

    it("makes the regime unknown with null", async () => {
      await store.change(FULL);
      const { currentRegime: _, ...rest } = FULL;
      expect(await store.change({ currentRegime: null })).toStrictEqual(rest);
      expect(await store.read()).toStrictEqual(rest);
    });

    it("stands though another part is unreadable, which fails the answer", async () => {
      await plant({ riskMode: "broken" });
      await refusal(store.change({ halted: true }), "failed_precondition");
      await refusal(store.read(), "failed_precondition");
      expect(await store.change({ riskMode: "NORMAL" })).toStrictEqual({ ...DEFAULT_POLICY, halted: true });
    });
  });

  describe("changes", () => {
    it("yields after a change made here", async () => {
      const steps = store.changes(new AbortController().signal)[Symbol.asyncIterator]();
      const own = steps.next();
      await store.change({ halted: true });
      expect(await own).toEqual({ done: false, value: undefined });
    });

    it.runIf(hearsOthers)("yields after a change made by others", async () => {
      const steps = store.changes(new AbortController().signal)[Symbol.asyncIterator]();
      const theirs = steps.next();
      await plant({ halted: true });
      expect(await theirs).toEqual({ done: false, value: undefined });
    });

    it("ends when the signal aborts, and when the store closes", async () => {
      const controller = new AbortController();
      const aborted = store.changes(controller.signal)[Symbol.asyncIterator]().next();
      const closed = store.changes(new AbortController().signal)[Symbol.asyncIterator]().next();
      controller.abort();
      expect(await aborted).toEqual({ done: true, value: undefined });
      await store.close();
      await store.close();
      expect(await closed).toEqual({ done: true, value: undefined });
    });
  });
}
