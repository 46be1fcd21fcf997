import { startApp } from "./app.ts";
import { configHelp, readConfig, whoMayCall } from "./config.ts";
import { errorText } from "./domain/errors.ts";
import { banner } from "./process/banner.ts";
import { FAULT_EXIT_CODE, type Uncaught, uncaught } from "./process/last-resort.ts";
import { createLog } from "./telemetry/logger.ts";

/**
 * Wall time beyond the grace after which a process that nobody can trust ends, whatever is still
 * under way.
 */
const LAST_LIMIT_MS = 10_000;

/** Reads the environment, runs the service until it is told to stop, answers with an exit code. */
export async function serve(): Promise<number> {
  if (process.argv.includes("--help") || process.argv.includes("-h")) {
    process.stdout.write(`${configHelp()}\n`);
    return 0;
  }
  const config = readConfig(process.env);
  let traceIds: () => object | undefined = () => undefined;
  const log = createLog({ levels: config.logLevels, format: config.logFormat, mixin: () => traceIds() ?? {} });
  const logger = log("main");
  for (const warning of config.warnings) {
    logger.warn(warning);
  }
  const say = ({ error, what }: Uncaught) =>
    logger.fatal({ err: error }, `${what} that nobody caught: ${errorText(error)}`);
  const fault = uncaught(say);
  const stop = stopSignal();
  // Its default would end the process.
  let renew = async () => {};
  process.on("SIGHUP", () => void renew());
  const app = await startApp(config, log);
  renew = () => app.renew();
  traceIds = app.traceIds;
  logger.info(
    {
      address: app.server.address,
      webAddress: app.web?.address,
      probeAddress: app.probes?.address,
      dataSource: config.marketData,
      symbols: app.symbols.length,
      stores: app.adapters,
    },
    `serving on ${app.server.address}, market data: ${config.marketData}`,
  );
  const callers = whoMayCall(config);
  config.insecure ? logger.warn(callers) : logger.info(callers);
  const marketTime = app.market?.now();
  const facts = {
    address: app.server.address,
    ...(app.web && { webAddress: app.web.address }),
    ...(marketTime !== undefined && { marketTime }),
    symbols: app.symbols,
    status: app.engine.runtime.status(),
  };
  process.stderr.write(banner(facts, config));
  const end = await Promise.race([stop, fault]);
  if (typeof end !== "string") {
    logger.fatal("going down in order, since nobody knows what state this process is in");
    setTimeout(() => process.exit(FAULT_EXIT_CODE), config.shutdownGraceMs + LAST_LIMIT_MS).unref();
    await app.close(config.shutdownGraceMs).catch((error: unknown) => {
      logger.fatal({ err: error }, `not all of it went down in order: ${errorText(error)}`);
    });
    return FAULT_EXIT_CODE;
  }
  logger.info({ signal: end, grace: config.shutdownGraceMs }, `${end}: going down`);
  await app.close(config.shutdownGraceMs);
  logger.info("stopped");
  return 0;
}

/**
 * Listens for good: Ctrl-C comes twice where npm passes it on, and the second one would end the
 * process in the middle of its going down.
 */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"]) {
      process.on(signal, () => resolve(signal));
    }
  });
}
