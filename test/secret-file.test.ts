import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openSecretFault } from "../src/config/secret-file.ts";
import { readConfig } from "../src/config.ts";

const TLS = { TLS_CERT: "cert.pem", TLS_KEY: "key.pem" };

function secretFile(mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), "test-secret-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "secret");
  writeFileSync(path, "postgres://user:password@host/db");
  chmodSync(path, mode);
  return path;
}

it.each(["AUTH_TOKENS", "TLS_KEY", "DATABASE_URL_FILE", "REDIS_URL_FILE"])(
  "a file that %s names is refused where others may use it, unless told so",
  (variable) => {
    const given = (mode: number) => ({ ...(variable === "TLS_KEY" && TLS), [variable]: secretFile(mode) });
    const read = () => (variable === "REDIS_URL_FILE" ? "redis://host" : "postgres://user:password@host/db");
    for (const mode of [0o644, 0o604, 0o602, 0o601, 0o666]) {
      expect(() => readConfig(given(mode), read), mode.toString(8)).toThrow(
        new RegExp(`${variable}: names /.*/secret, which others may use \\(mode ${mode.toString(8)}\\): chmod 600`),
      );
      expect(readConfig({ ...given(mode), READABLE_SECRETS: "1" }, read).readableSecrets).toBe(true);
    }
    expect(readConfig(given(0o600), read)).toBeDefined();
    expect(readConfig(given(0o400), read)).toBeDefined();
  },
);

it("a certificate is no secret", () => {
  expect(readConfig({ TLS_CERT: secretFile(0o644), TLS_KEY: secretFile(0o600) })).toBeDefined();
});

it("a secret of root's may be read by a group, and written by none; one of anyone else's is its owner's alone", () => {
  const fault = (uid: number, mode: number) => openSecretFault("x", () => ({ uid, mode: 0o100_000 | mode }));
  expect([fault(0, 0o640), fault(0, 0o440), fault(1_000, 0o600)]).toEqual([undefined, undefined, undefined]);
  expect([fault(0, 0o660), fault(0, 0o644), fault(1_000, 0o640)].map((text) => typeof text)).toEqual([
    "string",
    "string",
    "string",
  ]);
});
