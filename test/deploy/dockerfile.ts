import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./deploy-tools.ts";

/** The last stage of the project's Dockerfile, and what the first one runs. */
export interface Recipe {
  /** Dependencies are installed with this, where package.json and package-lock.json are. */
  readonly install: string;
  /** From the repository to the folder that the service runs in. */
  readonly copies: readonly { readonly from: readonly string[]; readonly to: string }[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly ports: readonly string[];
  /** The entry point with its arguments. */
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

/**
 * Reads as much of the language as the Dockerfile uses; an instruction that it does not know is an
 * error.
 */
export function readDockerfile(): Recipe {
  const lines = readFileSync(join(ROOT, "Dockerfile"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ name: line.split(" ", 1)[0] ?? "", rest: line.slice(line.indexOf(" ") + 1) }));
  const known = /^(ARG|FROM|WORKDIR|COPY|RUN|ENV|USER|EXPOSE|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT|CMD)$/;
  const unknown = lines.filter(({ name }) => !known.test(name));
  if (unknown.length > 0) {
    throw new Error(`the Dockerfile has ${unknown[0]?.name}, which this test cannot carry out`);
  }
  const last = lines.slice(lines.findLastIndex(({ name }) => name === "FROM"));
  const of = (name: string) => last.filter((line) => line.name === name).map(({ rest }) => rest);
  const copies = of("COPY")
    .filter((rest) => !rest.startsWith("--from="))
    .map((rest) => rest.split(" "))
    .map((words) => ({ from: words.slice(0, -1), to: words.at(-1) as string }));
  const list = (text = "") => JSON.parse(text.slice(text.indexOf("["))) as string[];
  return {
    install: lines.find(({ name, rest }) => name === "RUN" && rest.startsWith("npm "))?.rest ?? "",
    copies,
    env: Object.fromEntries(
      of("ENV").flatMap((rest) => rest.split(" ").map((pair) => pair.split("=") as [string, string])),
    ),
    user: of("USER").at(-1) ?? "root",
    ports: of("EXPOSE").flatMap((rest) => rest.split(" ")),
    command: [...list(of("ENTRYPOINT").at(-1)), ...list(of("CMD").at(-1))],
    healthcheck: list(of("HEALTHCHECK").at(-1)),
  };
}

/**
 * Whether .dockerignore lets a path through to the build. The last line that matches the path, or a
 * folder above it, decides.
 */
export function reachesBuild(path: string): boolean {
  const rules = readFileSync(join(ROOT, ".dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const folders = path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
  let reaches = true;
  for (const rule of rules) {
    const pattern = rule.replace(/^!/, "");
    // Unlike a shell's, this language's star takes names that begin with a dot.
    const matches = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`);
    if (folders.some((folder) => matches.test(folder))) {
      reaches = rule.startsWith("!");
    }
  }
  return reaches;
}
