import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Bom, imageSbom, packageSbom } from "../../deploy/sbom.ts";
import { run } from "../provide/command.ts";
import { provideNpm } from "../provide/npm.ts";
import { provideDeployTools, ROOT } from "./deploy-tools.ts";

interface LockEntry {
  readonly version: string;
  readonly integrity: string;
  readonly dev?: boolean;
}

const read = (name: string) => readFileSync(join(ROOT, name), "utf8");
const packages: Readonly<Record<string, LockEntry>> = JSON.parse(read("package-lock.json")).packages;
const locked = Object.entries(packages).filter(([path]) => path !== "");

function named([path, { version }]: [string, LockEntry]): string {
  return `${path.replace(/^.*node_modules\//, "")}@${version}`;
}

function components(bom: Bom): readonly string[] {
  return bom.components.map(({ name, version }) => `${name}@${version}`);
}

const VALIDATE = `
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
version = SchemaVersion.from_version(sys.argv[1])
validator = JsonStrictValidator(version)
for path in sys.argv[2:]:
    print("faulty" if validator.validate_str(open(path).read()) else "valid")
`;

describe("the bills of materials", () => {
  const bills: Record<"package" | "image", Bom> = { package: {} as Bom, image: {} as Bom };
  beforeAll(async () => {
    await provideDeployTools();
    const { npm } = await provideNpm();
    bills.package = await packageSbom(npm);
    bills.image = await imageSbom(npm);
  });

  it("name every package of the lock with its version and hash, the image's those that it installs", () => {
    const runtime = locked.filter(([, { dev }]) => dev !== true);
    expect(runtime.length).toBeGreaterThan(80);
    const names = components(bills.package);
    expect(locked.map(named).filter((name) => !names.includes(name))).toEqual([]);
    const [base = "", node = "", ...inImage] = components(bills.image);
    expect(inImage.toSorted()).toEqual([...new Set(runtime.map(named))].sort());
    const hashes = new Map(bills.image.components.map((each) => [`${each.name}@${each.version}`, each.hashes?.[0]]));
    for (const entry of runtime) {
      const content = Buffer.from(entry[1].integrity.slice("sha512-".length), "base64").toString("hex");
      expect([named(entry), hashes.get(named(entry))]).toEqual([named(entry), { alg: "SHA-512", content }]);
    }
    // What package.json asks for is there under its own name, too.
    const { dependencies } = JSON.parse(read("package.json"));
    const direct = Object.entries(dependencies).map(([name, version]) => `${name}@${version}`);
    expect(direct.filter((name) => !inImage.includes(name))).toEqual([]);
    expect(read("Dockerfile")).toContain(`NODE_IMAGE=${base.replace("@", ":")}@sha256:`);
    expect(node).toBe(`node@${JSON.parse(read("package.json")).devDependencies.node}`);
  });

  it("name the image's base by its digest", () => {
    const digest = /@sha256:([0-9a-f]{64})$/m.exec(read("Dockerfile"))?.[1];
    const [base] = bills.image.components;
    expect(base?.hashes).toEqual([{ alg: "SHA-256", content: digest }]);
    expect(base?.purl).toContain(`pkg:oci/node@sha256%3A${digest}?`);
  });

  it("say what depends on what, by names that they have", () => {
    for (const { metadata, components: parts, dependencies } of Object.values(bills)) {
      const refs = [metadata.component, ...parts].map((part) => part["bom-ref"]);
      expect(new Set(refs).size).toBe(refs.length);
      const used = dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]);
      expect(used.filter((ref) => !refs.includes(ref))).toEqual([]);
      expect(metadata.component.name).toBe("strategy-runtime-engine");
    }
  });

  it("are valid by CycloneDX's own library, and the same each time", { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "test-sbom-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { python } = await provideDeployTools();
    const faulty = { ...bills.image, components: [{ type: "nothing" }] };
    const paths = [bills.package, bills.image, faulty].map((bom, i) => {
      const path = join(folder, `${i}.json`);
      writeFileSync(path, JSON.stringify(bom));
      return path;
    });
    const { bomFormat, specVersion } = bills.image;
    expect([bomFormat, ["1.5", "1.6"].includes(specVersion)]).toEqual(["CycloneDX", true]);
    expect(await run(python, ["-c", VALIDATE, specVersion, ...paths])).toBe("valid\nvalid\nfaulty\n");
    const { npm } = await provideNpm();
    expect(await imageSbom(npm)).toEqual(bills.image);
  });
});
