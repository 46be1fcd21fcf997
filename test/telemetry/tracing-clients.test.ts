import { Redis } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { openPostgres } from "../../src/adapters/postgres/pool.ts";
import { startTracing } from "../../src/telemetry/tracing.ts";
import { startPostgres } from "../provide/postgres.ts";
import { startRedis } from "../provide/redis.ts";
import { otlpReceiver } from "./otlp-receiver.ts";

it("queries of pg and ioredis, imported before tracing began, are spans under the work that makes them", async () => {
  const receiver = await otlpReceiver();
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  onTestFinished(async () => {
    await Promise.all([postgres.close(), redis.close()]);
  });
  const tracing = await startTracing({
    endpoint: receiver.endpoint,
    serviceVersion: "1.2.3",
    clients: ["pg", "ioredis"],
    onFault: (error) => {
      throw error;
    },
  });
  onTestFinished(() => tracing.close());
  const db = openPostgres(postgres.url);
  onTestFinished(() => db.close());
  const keys = new Redis(redis.url);
  onTestFinished(() => keys.disconnect());
  await db.query("SELECT 'nobody waits for this one'", []);
  await tracing.tracer.span("work", {}, async () => {
    await db.query("SELECT $1::text AS given", ["a secret"]);
    await keys.set("global:risk_mode", "another secret");
  });
  await tracing.flush();
  const work = receiver.only("work");
  const under = receiver.spans.filter(({ parentSpanId }) => parentSpanId === work.spanId);
  const queries = under.map(({ attributes }) => attributes["db.query.text"]);
  expect(queries).toContain("SELECT $1::text AS given");
  expect(queries).toContain("set global:risk_mode [1 other arguments]");
  const sent = JSON.stringify(receiver.spans, (_, value) => (typeof value === "bigint" ? String(value) : value));
  expect(sent).not.toContain("secret");
  expect(sent).not.toContain("nobody waits");
});
