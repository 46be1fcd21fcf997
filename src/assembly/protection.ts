import { statSync } from "node:fs";
import { openSecretFault } from "../config/secret-file.ts";
import type { Config } from "../config.ts";
import { errorText, RuntimeError } from "../domain/errors.ts";
import { type Access, ANY_CERTIFICATE, accessBy } from "../rpc/auth/access.ts";
import { readClients } from "../rpc/auth/clients.ts";
import { readTokens } from "../rpc/auth/tokens.ts";
import { readTls, type TlsMaterial } from "../rpc/connections/tls.ts";

/**
 * How often the files are looked at, ms. A token that was taken out is refused after this time at
 * most.
 */
const LOOK_MS = 2_000;

export interface ProtectionOptions {
  readonly now: () => number;
  readonly info: (line: string) => void;
  readonly error: (line: string) => void;
}

interface Held {
  readonly tls: TlsMaterial | undefined;
  readonly access: Access | undefined;
}

/**
 * What keeps callers out, from files that are read again when they change. Files that cannot be
 * used then change nothing: what was read before stays in force, and the log says so.
 */
export class Protection {
  /** The first certificate; `onTls` hears of the later ones. */
  readonly tls: TlsMaterial | undefined;
  /** By the newest files at each call; absent where anyone may call. */
  readonly access: Access | undefined;
  readonly #config: Config;
  readonly #options: ProtectionOptions;
  readonly #files: readonly (readonly [string, string])[];
  #held: Held;
  #seen: string;
  #onTls: (tls: TlsMaterial) => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> = Promise.resolve();

  private constructor(config: Config, options: ProtectionOptions, held: Held, seen: string) {
    this.#config = config;
    this.#options = options;
    this.#files = filesOf(config);
    this.#held = held;
    this.#seen = seen;
    this.tls = held.tls;
    const { access } = held;
    this.access = access && {
      admit: (method, credentials) => (this.#held.access ?? access).admit(method, credentials),
      identify: (credentials) => (this.#held.access ?? access).identify(credentials),
    };
  }

  /** Reads the files; fails with `invalid`. */
  static async open(config: Config, options: ProtectionOptions): Promise<Protection> {
    // Looked at before they are read: a change in between is read again.
    const seen = fingerprint(filesOf(config));
    return new Protection(config, options, await readAll(config, options.now), seen);
  }

  /** Hears of each new certificate from now on. */
  onTls(listener: (tls: TlsMaterial) => void): void {
    this.#onTls = listener;
  }

  /** Looks at the files from now on until the answer is called. */
  watch(): () => void {
    if (this.#files.length > 0) {
      this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    }
    return () => clearInterval(this.#timer);
  }

  /** Reads all files now, changed or not. Never rejects. */
  renew(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read());
    return this.#reading;
  }

  #look(): void {
    if (fingerprint(this.#files) !== this.#seen) {
      void this.renew();
    }
  }

  async #read(): Promise<void> {
    if (this.#files.length === 0) {
      return;
    }
    const names = this.#files.map(([variable]) => variable).join(", ");
    this.#seen = fingerprint(this.#files);
    try {
      this.#held = await readAll(this.#config, this.#options.now);
      if (this.#held.tls !== undefined) {
        this.#onTls(this.#held.tls);
      }
      this.#options.info(`read again: ${names}`);
    } catch (error) {
      this.#options.error(`${names} cannot be read again, so what was read before stays in force: ${errorText(error)}`);
    }
  }
}

function filesOf({ tlsCert, tlsKey, tlsClientCa, tlsClients, authTokens }: Config) {
  const all = [
    ["TLS_CERT", tlsCert],
    ["TLS_KEY", tlsKey],
    ["TLS_CLIENT_CA", tlsClientCa],
    ["TLS_CLIENTS", tlsClients],
    ["AUTH_TOKENS", authTokens],
  ] as const;
  return all.flatMap(([variable, path]) => (path === undefined ? [] : [[variable, path] as const]));
}

/** Differs after a file was written, replaced, or a link to it set anew. */
function fingerprint(files: readonly (readonly [string, string])[]): string {
  return files
    .map(([, path]) => {
      try {
        const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
        return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
      } catch (error) {
        // A folder that was closed, or a link that leads in circles, is a change as well.
        return String((error as NodeJS.ErrnoException).code);
      }
    })
    .join(" ");
}

async function readAll(config: Config, now: () => number): Promise<Held> {
  const { tlsCert, tlsKey, tlsClientCa, authTokens, readableSecrets } = config;
  for (const path of [tlsKey, authTokens]) {
    const fault = path === undefined || readableSecrets ? undefined : openSecretFault(path, statSync);
    if (fault !== undefined) {
      throw new RuntimeError("invalid", `${path === tlsKey ? "TLS_KEY" : "AUTH_TOKENS"} ${fault}`);
    }
  }
  const files = tlsCert !== undefined && tlsKey !== undefined ? { cert: tlsCert, key: tlsKey } : undefined;
  const clientCa = tlsClientCa !== undefined && { clientCa: tlsClientCa };
  const tls = files && (await readTls({ ...files, ...clientCa }, now()));
  return { tls, access: await readAccess(config, now) };
}

/** Absent where anyone may call who reaches the service. */
async function readAccess({ authTokens, tlsClientCa, tlsClients }: Config, now: () => number) {
  const tokens = authTokens === undefined ? undefined : await readTokens(authTokens);
  const named = tlsClients === undefined ? undefined : await readClients(tlsClients);
  // With tokens, a certificate of the authority opens the connection and says nothing of roles.
  const clients = named ?? (tlsClientCa !== undefined && tokens === undefined ? ANY_CERTIFICATE : undefined);
  return tokens === undefined && clients === undefined
    ? undefined
    : accessBy({ now, ...(tokens && { tokens }), ...(clients && { clients }) });
}
