import { chmodSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Protection } from "../../src/assembly/protection.ts";
import { readConfig } from "../../src/config.ts";

const TOKEN = "token-of-ann-0123456789";

it("goes on with what it has where a file can no longer be looked at, and reads it again once it can", async () => {
  const folder = mkdtempSync(join(tmpdir(), "protection-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "tokens");
  const write = () => {
    writeFileSync(path, `${TOKEN} ann viewer\n`);
    chmodSync(path, 0o600);
  };
  write();
  const [failed, renewed] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const options = { now: Date.now, info: renewed.resolve, error: failed.resolve };
  const protection = await Protection.open(readConfig({ AUTH_TOKENS: path }), options);
  const stop = protection.watch();
  onTestFinished(stop);
  unlinkSync(path);
  symlinkSync(path, path);
  expect(await failed.promise).toContain("what was read before stays in force");
  expect(protection.access?.identify({ authorization: [`Bearer ${TOKEN}`] })).toMatchObject({ name: "ann" });
  unlinkSync(path);
  write();
  expect(await renewed.promise).toBe("read again: AUTH_TOKENS");
});
