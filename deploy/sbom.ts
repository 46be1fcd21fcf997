import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { baseImage, ROOT, runtimePackages } from "./lock.ts";

export interface Component {
  readonly "bom-ref": string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

/** A bill of materials in CycloneDX's JSON, as far as it is read here. */
export interface Bom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** What npm says of the lock. `npm` is 10 or newer; those before cannot write bills. */
async function npmBom(npm: string): Promise<Bom> {
  const form = ["--sbom-format=cyclonedx", "--sbom-type=application", "--package-lock-only"];
  const { stdout } = await promisify(execFile)(npm, ["sbom", ...form], {
    cwd: ROOT,
    maxBuffer: 64 * 2 ** 20,
  });
  const bom = JSON.parse(stdout);
  // npm takes the name of the folder, which is another on every machine.
  bom.metadata.component.name = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).name;
  return bom;
}

/**
 * The same lock gives the same bill: without the time, and with a number that is made from what it
 * says.
 */
function reproducible(bom: Bom): Bom {
  const { timestamp: _, ...metadata } = bom.metadata as Bom["metadata"] & { readonly timestamp?: string };
  const { serialNumber: __, ...rest } = { ...bom, metadata };
  const hex = createHash("sha256").update(JSON.stringify(rest)).digest("hex");
  const variant = "89ab"[Number.parseInt(hex.charAt(16), 16) % 4];
  const groups = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`];
  return { ...rest, serialNumber: `urn:uuid:${[...groups, hex.slice(20, 32)].join("-")}` };
}

/** All packages of the lock. Those for development are marked as such. */
export async function packageSbom(npm = "npm"): Promise<Bom> {
  return reproducible(await npmBom(npm));
}

/**
 * What the image carries: the packages that it installs, its base by digest, and Node. The packages
 * of the base's own system are in the bill that its makers attach to it.
 *
 * npm's own --omit=dev leaves out packages that are needed in development as well, such as ws.
 */
export async function imageSbom(npm = "npm"): Promise<Bom> {
  const bom = await npmBom(npm);
  const installed = new Set(runtimePackages().map(({ name, version }) => `${name}@${version}`));
  const packages = bom.components.filter(({ name, version }) => installed.has(`${name}@${version}`));
  const { repository, tag, digest, node } = baseImage();
  const name = repository.slice(repository.lastIndexOf("/") + 1);
  const query = `repository_url=${encodeURIComponent(repository)}&tag=${tag}`;
  const base: Component = {
    "bom-ref": `base:${repository}@${digest}`,
    type: "container",
    name: repository,
    version: tag,
    hashes: [{ alg: "SHA-256", content: digest.slice("sha256:".length) }],
    purl: `pkg:oci/${name}@${encodeURIComponent(digest)}?${query}`,
  };
  const binary: Component = {
    "bom-ref": `node:${node}`,
    type: "platform",
    name: "node",
    version: node,
    purl: `pkg:generic/node@${node}`,
  };
  const root = bom.metadata.component["bom-ref"];
  const ofRoot = [base["bom-ref"], binary["bom-ref"]];
  const kept = new Set([root, ...packages.map((each) => each["bom-ref"])]);
  return reproducible({
    ...bom,
    metadata: { ...bom.metadata, component: { ...bom.metadata.component, type: "container" } },
    components: [base, binary, ...packages],
    dependencies: [
      ...bom.dependencies
        .filter(({ ref }) => kept.has(ref))
        .map(({ ref, dependsOn }) => {
          const ofPackages = dependsOn.filter((each) => kept.has(each));
          return { ref, dependsOn: ref === root ? [...ofRoot, ...ofPackages] : ofPackages };
        }),
      { ref: base["bom-ref"], dependsOn: [binary["bom-ref"]] },
      { ref: binary["bom-ref"], dependsOn: [] },
    ],
  });
}

if (import.meta.main) {
  const folder = process.argv[2] ?? join(ROOT, "sbom");
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, bom] of Object.entries({ package: await packageSbom(), image: await imageSbom() })) {
      const path = join(folder, `${name}.cdx.json`);
      writeFileSync(path, `${JSON.stringify(bom, undefined, 2)}\n`);
      console.log(`${path}: ${bom.components.length} components, CycloneDX ${bom.specVersion}`);
    }
  } catch (error) {
    console.error(`no bill of materials was written; npm 10 or newer is needed (npm --version): ${error}`);
    process.exitCode = 1;
  }
}
