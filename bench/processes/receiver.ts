import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answer } from "../harness/child.ts";

/** A receiver of traces by OTLP over HTTP, which takes what comes and looks at none of it. */
export type ReceiverQuestion = { readonly ask: "start" } | { readonly ask: "bytes" };
/** The endpoint after a start, the bytes that came otherwise. */
export type ReceiverAnswer = string | number;

let bytes = 0;

async function start(): Promise<string> {
  const server = createServer((request, response) => {
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on("end", () => response.writeHead(200, { "content-type": "application/x-protobuf" }).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

answer<ReceiverQuestion, ReceiverAnswer>(async (question) => (question.ask === "start" ? start() : bytes));
