import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export const PAGE = fileURLToPath(new URL("../../examples/grpcurl.md", import.meta.url));
/** The address that the page's commands name. */
const PAGE_ADDRESS = "127.0.0.1:50051";
/** How the page tells its readers to start the server. */
export const PAGE_ENVIRONMENT = { MARKET_DATA: "replay", REPLAY_SPEED: "1", DATA_DIR: "memory" } as const;

/** One command of the page, with the answer shown below it. */
export interface Step {
  readonly command: string;
  /** Empty where none has been written yet. */
  readonly answer: string;
}

/** A command's block, and the block of the answer, where the next one is it. */
const STEP = /```sh\n([\s\S]*?)\n```\n(?:\n```(?:json|text)\n([\s\S]*?)\n```\n)?/g;

export function stepsOf(page: string): Step[] {
  return [...page.matchAll(STEP)].map(([, command = "", answer = ""]) => ({ command, answer }));
}

/** The page with these answers, in the order of its commands. */
export function withAnswers(page: string, answers: readonly string[]): string {
  let next = 0;
  return page.replace(STEP, (_, command: string) => {
    const answer = answers[next++] ?? "";
    const language = /^[[{]/.test(answer) ? "json" : "text";
    return `\`\`\`sh\n${command}\n\`\`\`\n\n\`\`\`${language}\n${answer}\n\`\`\`\n`;
  });
}

const STEP_LIMIT_MS = 30_000;

/**
 * Runs a command of the page against the server at `address`, with grpcurl from this folder. All
 * that it prints, errors last. Fails where the command has printed its answer, perhaps, but does
 * not end.
 */
export async function runStep(command: string, address: string, grpcurlFolder: string): Promise<string> {
  const child = spawn("sh", ["-c", command.replaceAll(PAGE_ADDRESS, address)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: `${grpcurlFolder}:${process.env.PATH ?? ""}` },
    // A group of its own: the shell's children would hold the pipes open after it.
    detached: true,
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    process.kill(-(child.pid as number), "SIGKILL");
  }, STEP_LIMIT_MS);
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  clearTimeout(timer);
  if (isLate) {
    throw new Error(`did not end within ${STEP_LIMIT_MS} ms: ${command}\n${output}${errors}`);
  }
  return `${output}${errors}`.trimEnd();
}

/**
 * The rule by which two answers are the same: all but times, durations and the journal's identity
 * is compared, to the letter.
 */
export function comparable(answer: string): string {
  return answer
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>")
    .replace(/"([dp]2)\.[0-9a-f]{12}\./g, '"$1.<journal>.')
    .replace(/"duration": "[\d.]+s"/g, '"duration": "<duration>"')
    .replace(/"activeAddress": "127\.0\.0\.1:\d+"/g, '"activeAddress": "127.0.0.1:<port>"');
}
