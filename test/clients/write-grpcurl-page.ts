import { readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { provideGrpcurl } from "../provide/grpcurl.ts";
import { startServer } from "../running-server.ts";
import { PAGE, PAGE_ENVIRONMENT, runStep, stepsOf, withAnswers } from "./grpcurl-page.ts";

// Writes the answers of a fresh server into examples/grpcurl.md. Read the difference before committing it.
const { grpcurl } = await provideGrpcurl();
const server = await startServer(PAGE_ENVIRONMENT);
try {
  const page = readFileSync(PAGE, "utf8");
  const answers: string[] = [];
  for (const { command } of stepsOf(page)) {
    answers.push(await runStep(command, server.address, dirname(grpcurl)));
  }
  writeFileSync(PAGE, withAnswers(page, answers));
  console.log(`wrote ${answers.length} answers`);
} finally {
  await server.close();
}
