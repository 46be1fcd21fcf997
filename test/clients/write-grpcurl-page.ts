import { readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { provideGrpcurl } from "../provide/grpcurl.ts";
import { startServer } from "../running-server.ts";
import { comparable, PAGE, PAGE_ENVIRONMENT, runStep, stepsOf, withAnswers } from "./grpcurl-page.ts";

// Writes the answers of a fresh server into examples/grpcurl.md. Read the difference before
// committing it.
const { grpcurl } = await provideGrpcurl();
const server = await startServer(PAGE_ENVIRONMENT);
try {
  const page = readFileSync(PAGE, "utf8");
  const answers: string[] = [];
  for (const { command, answer } of stepsOf(page)) {
    const real = await runStep(command, server.address, dirname(grpcurl));
    // New times alone are no news.
    answers.push(comparable(real) === comparable(answer) ? answer : real);
  }
  writeFileSync(PAGE, withAnswers(page, answers));
  console.log(`wrote ${answers.length} answers`);
} finally {
  await server.close();
}
