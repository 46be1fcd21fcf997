import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runtimePackages } from "../../deploy/lock.ts";
import { notice } from "../../deploy/write-notice.ts";
import { ROOT } from "./deploy-tools.ts";
import { reachesBuild, readDockerfile } from "./dockerfile.ts";

const text = readFileSync(join(ROOT, "NOTICE"), "utf8");

describe("NOTICE", () => {
  it("is what npm run notice writes from the lock as it is now", () => {
    expect(text).toBe(notice());
  });

  it("names every file of bars and every package of the image with a licence that is known", () => {
    const bars = readdirSync(join(ROOT, "data")).filter((name) => name.endsWith(".csv"));
    expect(bars.length).toBeGreaterThan(3);
    expect(bars.filter((name) => !text.includes(`data/${name}`))).toEqual([]);
    const known =
      /^\(?(MIT|Apache-2\.0|ISC|BSD-[23]-Clause|0BSD)( (AND|OR) (MIT|Apache-2\.0|ISC|BSD-[23]-Clause))*\)?$/;
    expect(runtimePackages().filter(({ license }) => !known.test(license))).toEqual([]);
  });

  it("says truly which packages bring no text of their licence", () => {
    const without = runtimePackages()
      .map(({ name }) => name)
      .filter((name) => existsSync(join(ROOT, "node_modules", name)))
      .filter((name) => {
        const folder = join(ROOT, "node_modules", name);
        const files = readdirSync(folder);
        const readme = files.find((file) => /^readme/i.test(file));
        const told =
          readme !== undefined && /permission is hereby granted/i.test(readFileSync(join(folder, readme), "utf8"));
        return !told && !files.some((file) => /^(licen[cs]e|copying)/i.test(file));
      });
    expect(without.filter((name) => !/^@(bufbuild|connectrpc)\//.test(name))).toEqual([]);
  });

  it("is in the image, and the licence with it", () => {
    const copied = readDockerfile().copies.flatMap(({ from }) => from);
    expect(["LICENSE", "NOTICE"].filter((name) => !copied.includes(name) || !reachesBuild(name))).toEqual([]);
  });
});
