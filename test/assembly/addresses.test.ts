import { networkInterfaces } from "node:os";
import { credentials } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { PolicyService } from "../../gen/strategyruntime/v1/policy_service_pb.ts";
import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { createLog } from "../../src/telemetry/logger.ts";
import { connect } from "../rpc/client.ts";

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));

it.skipIf(!hasIpv6)("IPv6 addresses are served, by gRPC, to browsers and to probes", async () => {
  const address = "[::1]:0";
  const env = { GRPC_ADDRESS: address, WEB_ADDRESS: address, PROBE_ADDRESS: address, DATA_DIR: "memory" };
  const config = readConfig({ ...env, LOG_LEVEL: "off" });
  const app = await startApp(config, createLog({ levels: config.logLevels, format: "json" }));
  const client = connect(app.server.address, credentials.createInsecure());
  try {
    await client.call(PolicyService.method.getPolicy, {});
    for (const server of [app.web, app.probes]) {
      expect(server?.address).toMatch(/^\[::1\]:\d+$/);
      expect((await fetch(`http://${server?.address}/healthz`)).status).toBe(200);
    }
  } finally {
    client.close();
    await app.close(0);
  }
});
