import type { ClientAnswer, ClientQuestion } from "../processes/client.ts";
import type { EchoAnswer, EchoQuestion } from "../processes/echo.ts";
import type { ServiceAnswer, ServiceQuestion } from "../processes/service.ts";
import { type Child, startChild } from "./child.ts";
import type { Sample } from "./contest.ts";

/** Three processes: the service, the bare server that is its rival, and the client of both. */
export interface Wire extends AsyncDisposable {
  readonly service: Child<ServiceQuestion, ServiceAnswer>;
  readonly echo: Child<EchoQuestion, EchoAnswer>;
  readonly client: Child<ClientQuestion, ClientAnswer>;
}

export function openWire(): Wire {
  const parts = {
    service: startChild<ServiceQuestion, ServiceAnswer>("service.ts"),
    echo: startChild<EchoQuestion, EchoAnswer>("echo.ts"),
    client: startChild<ClientQuestion, ClientAnswer>("client.ts"),
  };
  return {
    ...parts,
    async [Symbol.asyncDispose]() {
      await Promise.all(Object.values(parts).map((part) => part[Symbol.asyncDispose]()));
    },
  };
}

/** Market time at which the services of the bench start: 2024-01-15 12:30 UTC. */
export const START_AT = Date.UTC(2024, 0, 15, 12, 30);

/**
 * Lets the client ask, and says how many `items` came a second and what one cost the server in µs
 * of CPU time.
 */
export async function overWire(
  client: Wire["client"],
  server: { ask(question: { readonly ask: "cpu" }): Promise<string | number> },
  question: ClientQuestion,
  items: (found: ClientAnswer) => number,
): Promise<Sample> {
  const before = Number(await server.ask({ ask: "cpu" }));
  const found = await client.ask(question);
  const cpuMs = Number(await server.ask({ ask: "cpu" })) - before;
  const count = items(found);
  return {
    values: { perSecond: (count / found.ms) * 1_000, cpuUs: (cpuMs / count) * 1_000 },
    counts: { messages: found.messages, bytes: found.bytes },
  };
}
