import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { configHelp, readConfig } from "../../src/config.ts";
import { ROOT, readYaml } from "./deploy-tools.ts";
import { readDockerfile } from "./dockerfile.ts";

interface ComposeService {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly command?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly privileged?: boolean;
  readonly user?: string;
  readonly tmpfs?: readonly string[];
  readonly mem_limit?: string;
  readonly memswap_limit?: string;
  readonly cpus?: string | number;
  readonly pids_limit?: number;
  readonly restart?: string;
}
interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

/** What `${NAME:-default}` stands for where nothing is set. */
function withDefaults(text: string): string {
  return text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");
}

describe("compose.yaml", () => {
  let compose: Compose;
  let runtime: ComposeService;
  beforeAll(async () => {
    compose = await readYaml<Compose>("compose.yaml");
    runtime = compose.services.runtime as ComposeService;
  });

  it("has the service, its stores, and what watches it", () => {
    expect(Object.keys(compose.services).sort()).toEqual(["grafana", "postgres", "prometheus", "redis", "runtime"]);
  });

  it("sets only what the service reads, to what it takes", () => {
    const environment = Object.entries(runtime.environment ?? {});
    const help = configHelp();
    const known = (name: string) => new RegExp(`^ +${name} `, "m").test(help);
    expect(environment.length).toBeGreaterThan(5);
    expect(environment.map(([name]) => name).filter((name) => !known(name.replace(/_FILE$/, "")))).toEqual([]);
    const values = environment
      .filter(([name]) => !name.endsWith("_FILE"))
      .map(([name, text]) => [name, withDefaults(text)]);
    const { warnings } = readConfig(Object.fromEntries(values));
    // Ports are published to this machine only; what is said is true of the containers' network.
    expect(warnings).toEqual([expect.stringContaining("tokens go over the network in plaintext")]);
  });

  it("opens ports to this machine only: those that the service listens on and the image names", () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports ?? []);
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
    const { GRPC_ADDRESS = "", WEB_ADDRESS = "" } = runtime.environment ?? {};
    const listens = [GRPC_ADDRESS, WEB_ADDRESS].map((address) => address.split(":").at(-1));
    expect(runtime.ports?.map((port) => port.split(":").at(-1))).toEqual(listens);
    expect(readDockerfile().ports).toEqual(listens);
  });

  it("gives secrets as files only, each declared, made by the script and asked for where it is mounted", () => {
    const used = new Set<string>();
    for (const { environment = {}, secrets = [], command = [] } of Object.values(compose.services)) {
      const texts = [...Object.values(environment), ...command];
      const mounted = texts.flatMap((text) => /^\/run\/secrets\/(\w+)$/.exec(text)?.[1] ?? []);
      expect(mounted.filter((name) => !secrets.includes(name))).toEqual([]);
      expect(texts.filter((text) => /:\/\/[^/]*:[^/]*@/.test(text))).toEqual([]);
      const secretNames = Object.keys(environment).filter((name) => /PASSWORD|URL|TOKEN/.test(name));
      expect(secretNames.filter((name) => !environment[name]?.startsWith("/run/secrets/"))).toEqual([]);
      for (const name of secrets) {
        used.add(name);
      }
    }
    expect(Object.keys(compose.secrets)).toEqual([...used].sort());
    for (const [name, { file }] of Object.entries(compose.secrets)) {
      expect(file).toBe(`./deploy/secrets/${name}`);
    }
  });

  it("says of everything when it is healthy, and waits for the stores to be", () => {
    const { runtime: _, ...others } = compose.services;
    expect(Object.values(others).filter(({ healthcheck }) => healthcheck === undefined)).toEqual([]);
    expect(readDockerfile().healthcheck).toEqual(["node", "deploy/healthcheck.ts"]);
    const healthy = { condition: "service_healthy" };
    expect(runtime.depends_on).toEqual({ postgres: healthy, redis: healthy });
  });

  it("gives the service longer to go down than it takes, by default", () => {
    const config = readConfig({ SHUTDOWN_GRACE: runtime.environment?.SHUTDOWN_GRACE });
    expect(Number.parseInt(runtime.stop_grace_period ?? "", 10) * 1_000).toBeGreaterThan(2 * config.shutdownGraceMs);
  });

  it("confines every service: nothing of the image is written, and no right can be had", () => {
    const open = Object.entries(compose.services).filter(([, service]) => {
      const sealed = service.read_only === true && service.security_opt?.includes("no-new-privileges:true");
      const dropped = service.cap_drop?.join() === "ALL" && (service.cap_add ?? []).length === 0;
      return !(sealed && dropped && service.privileged !== true && service.restart === "unless-stopped");
    });
    expect(open.map(([name]) => name)).toEqual([]);
    // These images begin as root, to become their own user: without rights they cannot.
    const { postgres, redis } = compose.services;
    expect([postgres?.user, redis?.user]).toEqual(["999:999", "999:999"]);
    expect(readDockerfile().user).toBe("1000:1000");
  });

  it("limits memory, processors and processes of every service, and the size of what lies in memory", () => {
    const bytes = (text = "") => {
      const [, number, unit = ""] = /^(\d+)([mg]?)$/.exec(withDefaults(text)) ?? [];
      return Number(number) * { m: 2 ** 20, g: 2 ** 30, "": 1 }[unit as "m" | "g" | ""];
    };
    for (const [name, service] of Object.entries(compose.services)) {
      const memory = bytes(service.mem_limit);
      expect([name, memory > 0, bytes(service.memswap_limit)]).toEqual([name, true, memory]);
      expect(Number(withDefaults(String(service.cpus)))).toBeGreaterThan(0);
      expect(service.pids_limit).toBeGreaterThan(0);
      const sizes = (service.tmpfs ?? []).map((text) => bytes(/[:,]size=(\w+)/.exec(text)?.[1]));
      expect([name, sizes.length > 0, sizes.filter((size) => !(size > 0 && size < memory))]).toEqual([name, true, []]);
    }
    const { command = [] } = compose.services.redis as ComposeService;
    const maximum = /(\d+)mb/.exec(command[command.indexOf("--maxmemory") + 1] ?? "")?.[1];
    expect(bytes(`${maximum}m`)).toBeLessThanOrEqual(bytes(compose.services.redis?.mem_limit) / 2);
  });

  it("mounts files that exist and volumes that are declared", () => {
    const sources = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map((v) => v.split(":")[0] ?? ""),
    );
    const missing = sources.filter((source) =>
      source.startsWith("./") ? !existsSync(join(ROOT, source)) : !(source in compose.volumes),
    );
    expect([sources.length > 8, missing]).toEqual([true, []]);
  });

  it("has Prometheus look at the service where it is", async () => {
    const prometheus = await readYaml<{
      scrape_configs: readonly { job_name: string; static_configs: readonly { targets: readonly string[] }[] }[];
    }>("deploy/prometheus/prometheus.yml");
    const port = runtime.environment?.PROBE_ADDRESS?.split(":").at(-1);
    expect(runtime.environment?.WEB_HOSTS).toBe("runtime");
    expect(prometheus.scrape_configs).toEqual([
      { job_name: "strategy-runtime", static_configs: [{ targets: [`runtime:${port}`] }] },
    ]);
  });
});
