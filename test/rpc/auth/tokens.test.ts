import { createHash } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RuntimeError } from "../../../src/domain/errors.ts";
import { parseTokens, readTokens } from "../../../src/rpc/auth/tokens.ts";

const TOKEN = "s3cret-s3cret-s3cret";

function faultsOf(text: string): readonly string[] {
  try {
    parseTokens(text, "tokens.txt");
  } catch (error) {
    if (error instanceof RuntimeError) {
      return error.violations.map(({ field, description }) => `${field}: ${description}`);
    }
    throw error;
  }
  return [];
}

describe("a file of tokens", () => {
  it("gives each token its principal and role, whatever blanks, comments and line ends there are", () => {
    const other = "another-token-for-bob==";
    const tokens = parseTokens(
      `\uFEFF# who may call\r\n\r\n${TOKEN}\talice  executor\r\n  ${other} bob viewer \n`,
      "f",
    );
    expect(tokens.find(TOKEN)).toEqual({ name: "alice", role: "executor" });
    expect(tokens.find(other)).toEqual({ name: "bob", role: "viewer" });
  });

  it("knows no other token", () => {
    const tokens = parseTokens(`${TOKEN} alice executor`, "f");
    for (const other of ["", `${TOKEN}x`, TOKEN.slice(1), TOKEN.toUpperCase(), "alice", "executor"]) {
      expect(tokens.find(other)).toBeUndefined();
    }
  });

  it("may hold hashes in place of tokens; the hash itself is then no token", () => {
    const hash = createHash("sha256").update(TOKEN).digest("hex");
    const tokens = parseTokens(`sha256:${hash} alice admin`, "f");
    expect(tokens.find(TOKEN)).toEqual({ name: "alice", role: "admin" });
    expect(tokens.find(hash)).toBeUndefined();
    expect(tokens.find(`sha256:${hash}`)).toBeUndefined();
  });

  it("tells tokens apart whose hashes begin alike", () => {
    const hash = createHash("sha256").update(TOKEN).digest("hex");
    const alike = hash.slice(0, 62) + (hash.endsWith("00") ? "01" : "00");
    expect(parseTokens(`sha256:${alike} eve admin`, "f").find(TOKEN)).toBeUndefined();
    const both = parseTokens(`sha256:${alike} eve admin\nsha256:${hash} alice viewer`, "f");
    expect(both.find(TOKEN)?.name).toBe("alice");
  });

  it("lets a principal have two tokens, to change them without a gap", () => {
    const tokens = parseTokens(`${TOKEN} alice viewer\n${TOKEN}2 alice viewer`, "f");
    expect([TOKEN, `${TOKEN}2`].map((token) => tokens.find(token)?.name)).toEqual(["alice", "alice"]);
  });

  it("is refused with every line at fault named", () => {
    const text = [
      `${TOKEN} alice`,
      `${TOKEN} alice viewer admin`,
      "short alice viewer",
      `${TOKEN} al/ice viewer`,
      `${TOKEN} alice boss`,
      `${TOKEN} alice viewer`,
      `${TOKEN} bob admin`,
    ].join("\n");
    expect(faultsOf(text).map((fault) => fault.slice(0, 60))).toEqual([
      "AUTH_TOKENS: tokens.txt line 1 does not have three words: wr",
      "AUTH_TOKENS: tokens.txt line 2 has no valid date fourth: wri",
      "AUTH_TOKENS: tokens.txt line 3 has no valid token first: use",
      "AUTH_TOKENS: tokens.txt line 4 has no valid principal second",
      "AUTH_TOKENS: tokens.txt line 5 has no known role third: use ",
      "AUTH_TOKENS: tokens.txt line 7 has the token of line 6 again",
    ]);
  });

  it("may say when a token expires: behind a day, or at a moment, in UTC", () => {
    const endOf = (end: string) => parseTokens(`${TOKEN} alice viewer ${end}`, "f").find(TOKEN)?.expiresAt;
    expect(endOf("")).toBeUndefined();
    expect(endOf("2028-02-29")).toBe(Date.parse("2028-03-01T00:00:00Z"));
    expect(endOf("2026-12-31T18:00:00Z")).toBe(Date.parse("2026-12-31T18:00:00Z"));
    const texts = [
      "2027-02-29",
      "2026-13-01",
      "31.12.2026",
      "never",
      "2026-12-31T18:00:00",
      "2026-12-31T18:00:00+01:00",
    ];
    for (const end of texts) {
      expect(faultsOf(`${TOKEN} alice viewer ${end}`).join(), end).toContain("has no valid date fourth");
    }
  });

  it("is refused where it has no token at all", () => {
    expect(faultsOf("# nobody yet\n").join()).toContain("tokens.txt has no token");
  });

  it("never shows a word of a line at fault, in whatever order the columns stand", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9:!]{12,40}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        const faults = faultsOf(words.join(" ")).join();
        expect(words.filter((one) => faults.includes(one))).toEqual([]);
      }),
    );
  });

  it("keeps no token in memory that could be read back", () => {
    const tokens = parseTokens(`${TOKEN} alice executor`, "f");
    expect(JSON.stringify(tokens)).not.toContain(TOKEN);
    expect(Object.values(tokens).every((value) => typeof value === "function")).toBe(true);
  });

  it("that cannot be read is named", async () => {
    await expect(readTokens("/tmp/no-such-file")).rejects.toThrow(
      "AUTH_TOKENS: cannot read a file below /tmp (its name is not shown: it may be a secret) (ENOENT)",
    );
  });

  it("is never quoted where a token was given in place of its path", async () => {
    for (const token of [TOKEN, `/${TOKEN}`, `./${TOKEN}`, "q83vEjRW/JCrze8SNFZ4kA/9+abc=="]) {
      const error: unknown = await readTokens(token).catch((thrown: unknown) => thrown);
      expect(inspect(error, { depth: 9 })).not.toContain(token.replace(/^\.?\//, ""));
    }
  });
});
