import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findCommand, run, show } from "../provide/command.ts";

/**
 * Tries the README's commands on a bare Debian: `npm run test:bare [FOLDER]`. Needs root and
 * debootstrap. A folder that is given keeps the system for the next time.
 */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RELEASE = "trixie";
const PACKAGES = "git,nodejs,npm";
const PERSON = "trader";

/**
 * What a new user types. It fails where a command does, or where one of them changes a file of the
 * repository.
 */
const TYPED = `
set -e
cd ~/engine
unchanged() { test -z "$(git status --porcelain)" || { git status --short; echo "$1 changed these files"; exit 1; }; }
npm install
unchanged "npm install"
npm install
unchanged "a second npm install"
set -m
said=$(mktemp)
npm start > "$said" 2>&1 & service=$!
timeout 120 bash -c "until grep -q 'ready  *yes' $said; do sleep 0.2; done" || { cat "$said"; exit 1; }
echo "npm start is ready"
kill -INT -- -$service; wait $service || true
unchanged "npm start"
npm test -- --without clients,servers,browser
unchanged "npm test"
`;

async function makeSystem(folder: string): Promise<void> {
  const debootstrap = findCommand("debootstrap", ["/usr/sbin"]);
  if (debootstrap === undefined || process.getuid?.() !== 0) {
    throw new Error("this needs root and debootstrap: run as root, apt-get install debootstrap");
  }
  if (!existsSync(join(folder, "usr/bin/npm"))) {
    console.log(`making a bare Debian ${RELEASE} with ${PACKAGES} in ${folder}: some minutes …`);
    await show(debootstrap, ["--variant=minbase", RELEASE, folder]);
    const install = `apt-get install -y -q --no-install-recommends ${PACKAGES.replaceAll(",", " ")}`;
    await show("chroot", [folder, "bash", "-c", `apt-get update -q && ${install}`]);
  }
  // Where this machine trusts more authorities than others, the bare one has to as well.
  const authorities = process.env.NODE_EXTRA_CA_CERTS;
  if (authorities !== undefined) {
    copyFileSync(authorities, join(folder, "etc/ssl/certs/ca-certificates.crt"));
  }
}

async function tryAs(person: string, folder: string): Promise<void> {
  const home = person === "root" ? "root" : `home/${person}`;
  const engine = join(folder, home, "engine");
  rmSync(engine, { recursive: true, force: true });
  await run("git", ["clone", "--quiet", ROOT, engine]);
  await run("chroot", [folder, "bash", "-c", `chown -R ${person}: /${home}/engine`]);
  console.log(`\n── as ${person}`);
  const trust = "export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt";
  await show("chroot", [folder, "su", "-", person, "-s", "/bin/bash", "-c", `${trust}\n${TYPED}`]);
}

const [given] = process.argv.slice(2);
const folder = given ?? mkdtempSync(join(tmpdir(), "bare-debian-"));
mkdirSync(folder, { recursive: true });
await makeSystem(folder);
await run("chroot", [folder, "bash", "-c", `id ${PERSON} || useradd -m ${PERSON}`]);
const mounts: readonly (readonly string[])[] = [
  ["-t", "proc", "proc", join(folder, "proc")],
  ["--bind", "/dev", join(folder, "dev")],
];
try {
  for (const mount of mounts) {
    await run("mount", mount);
  }
  for (const person of [PERSON, "root"]) {
    await tryAs(person, folder);
  }
} finally {
  for (const mount of mounts) {
    await run("umount", [mount.at(-1) ?? ""]);
  }
  if (given === undefined) {
    rmSync(folder, { recursive: true, force: true });
  }
}
