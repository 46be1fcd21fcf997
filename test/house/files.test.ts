import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, readYaml } from "../deploy/deploy-tools.ts";
import { run } from "../provide/command.ts";
import { TOOLS } from "../provide/tools.ts";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

async function tracked(): Promise<readonly string[]> {
  const names = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: ROOT });
  return names.split("\0").filter((name) => name !== "" && existsSync(join(ROOT, name)));
}

/** What .editorconfig leaves as it is. */
const AS_THEY_ARE = /^(examples\/go\/)?gen\/|^package-lock\.json$|^NOTICE$|\.(csv|tsv|gz)$/;

describe("the files of the repository", () => {
  it("end their lines as .editorconfig says: with LF, the last one too, and without blanks", async () => {
    const faults = (await tracked()).flatMap((path) => {
      const text = read(path);
      const found = [
        text.includes("\r\n") && !text.includes("\0") && !path.endsWith(".gz") ? `${path}: CRLF` : "",
        !AS_THEY_ARE.test(path) && text !== "" && !text.endsWith("\n") ? `${path}: no newline at its end` : "",
        !AS_THEY_ARE.test(path) && /[ \t]$/m.test(text) ? `${path}: blanks at the end of a line` : "",
      ];
      return found.filter((fault) => fault !== "");
    });
    expect(faults).toEqual([]);
    expect(read(".gitattributes")).toMatch(/^\* text=auto eol=lf$/m);
  });

  it("say who may join how: each page that newcomers look for is there and links to files that are", async () => {
    const pages = ["SECURITY.md", "CODE_OF_CONDUCT.md", "RELEASING.md", "CONTRIBUTING.md"];
    for (const page of pages) {
      const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, to = ""]) => to);
      expect([page, links.filter((to) => !existsSync(join(ROOT, to)))]).toEqual([page, []]);
    }
    const told = `${read("CONTRIBUTING.md")}${read("README.md")}`;
    expect(pages.slice(0, 3).filter((page) => !told.includes(page))).toEqual([]);
  });

  it("have forms for issues that can be filled in", async () => {
    for (const name of ["bug", "feature"]) {
      const form = await readYaml<{
        name: string;
        description: string;
        body: readonly { type: string; id?: string }[];
      }>(`.github/ISSUE_TEMPLATE/${name}.yml`);
      expect([form.name, form.description].every((text) => text.length > 10)).toBe(true);
      const ids = form.body.filter(({ type }) => type !== "markdown").map(({ id }) => id);
      expect([ids.length > 2, new Set(ids).size]).toEqual([true, ids.length]);
    }
    expect(read(".github/pull_request_template.md")).toContain("npm run check");
  });

  it("have a dev container with what the tests take from the system", () => {
    const { build, postCreateCommand } = JSON.parse(read(".devcontainer/devcontainer.json"));
    const dockerfile = read(join(".devcontainer", build.dockerfile));
    expect(postCreateCommand).toBe("npm ci");
    const wanted = TOOLS.flatMap(({ packages }) => packages);
    expect(wanted.length).toBeGreaterThan(5);
    expect(wanted.filter((name) => !new RegExp(`[ ]${name}(?=[ \\n])`).test(dockerfile))).toEqual([]);
  });

  it("let renovate find every image and package that its rules name", () => {
    const settings = JSON.parse(read("renovate.json"));
    const [manager] = settings.customManagers;
    expect(read("compose.yaml")).toMatch(new RegExp(manager.matchStrings[0]));
    const names: readonly string[] = settings.packageRules.flatMap(
      (rule: { readonly matchPackageNames: readonly string[] }) => rule.matchPackageNames,
    );
    const told = ["package.json", "compose.yaml", "Dockerfile"].map(read).join("\n");
    expect(names.filter((name) => !told.includes(name.replace(/\*+$/, "")))).toEqual([]);
  });
});
