import { parseArgs } from "node:util";
import { fuzz } from "./run.ts";

const HELP = `npm run fuzz -- [--calls N] [--seed S] [--from N] [--for SECONDS] [--in-flight N]

  Sends calls that nobody means well to a service of its own, with its stores in memory: all rpcs, over gRPC, Connect
  and gRPC-Web, and bytes that are no calls. Fails where the service ends, answers INTERNAL or UNKNOWN, or not at all,
  logs a stack, is not ready afterwards, or does not give its memory back.

  --calls N      1,000,000 by default
  --seed S       equal seeds send equal calls; a new one by default, printed
  --from N       number of the first call, to repeat one: --seed S --from N --calls 1
  --for SECONDS  ends earlier
  --in-flight N  calls under way at once; 64
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      calls: { type: "string", default: "1000000" },
      seed: { type: "string" },
      from: { type: "string", default: "0" },
      for: { type: "string" },
      "in-flight": { type: "string", default: "64" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const seed = whole("seed", values.seed ?? String(Date.now() % 1_000_000_000));
  process.stdout.write(`seed ${seed}\n`);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const { calls, seconds, faults, text } = await fuzz({
    seed,
    calls: whole("calls", values.calls),
    from: whole("from", values.from),
    inFlight: whole("in-flight", values["in-flight"]),
    ...(values.for !== undefined && { forMs: whole("for", values.for) * 1_000 }),
    signal: stop.signal,
    onProgress: (progress) => process.stderr.write(`${progress}\n`),
  });
  process.stdout.write(`${text}\n${calls} calls in ${seconds.toFixed(0)} s, seed ${seed}\n`);
  for (const fault of faults) {
    process.stdout.write(`FAULT ${fault}\n`);
  }
  process.stdout.write(faults.length === 0 ? "no faults\n" : `${faults.length} faults\n`);
  return faults.length === 0 ? 0 : 1;
}

function whole(name: string, text: string): number {
  if (!/^\d{1,12}$/.test(text)) {
    throw new Error(`--${name} ${text} is no whole number`);
  }
  return Number(text);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
