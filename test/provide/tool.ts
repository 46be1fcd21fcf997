import { findCommand, run } from "./command.ts";

/** A program that tests need and that no installation of ours brings. */
export interface Tool {
  /** Completes the sentence "tests need …". */
  readonly need: string;
  /** Names it by its path. */
  readonly variable: string;
  /** Debian's packages that have it. */
  readonly packages: readonly string[];
  readonly group: ToolGroup;
  /** Its path: from the variable, else from PATH and the usual folders. */
  find(): string | undefined;
}

export const TOOL_GROUPS = ["clients", "servers", "browser"] as const;
/** What can be left out of a run of the tests. */
export type ToolGroup = (typeof TOOL_GROUPS)[number];

/** The path of a tool, which is installed where it is missing and this process may. */
export async function provide(tool: Tool): Promise<string> {
  const found = tool.find();
  if (found !== undefined) {
    return found;
  }
  await installTools([tool]);
  const installed = tool.find();
  if (installed === undefined) {
    throw new Error(`tests need ${tool.need}: it is neither on PATH nor named by ${tool.variable}`);
  }
  return installed;
}

/** Whether `installTools` can do anything. */
export function canInstall(): boolean {
  return findCommand("apt-get") !== undefined && process.getuid?.() === 0;
}

/** Installs the packages of all tools at once, or fails with the one command that installs them. */
export async function installTools(tools: readonly Pick<Tool, "need" | "packages">[]): Promise<void> {
  const packages = [...new Set(tools.flatMap((tool) => tool.packages))];
  const apt = findCommand("apt-get");
  if (apt === undefined || !canInstall()) {
    const needs = tools.map(({ need }) => need).join(", ");
    const how =
      apt === undefined
        ? `install ${needs} and put the programs on PATH`
        : `run: sudo apt-get install --no-install-recommends ${packages.join(" ")}`;
    throw new Error(`tests need ${needs}, which this user cannot install: ${how}`);
  }
  // Services that a package would start are none of the tests' business: RUNLEVEL=1 keeps them
  // down.
  const env = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  await run(apt, ["update", "-q"], { env });
  await run(apt, ["install", "-y", "-q", "--no-install-recommends", ...packages], { env });
}
