import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { invalid, RuntimeError, type Violation } from "../../domain/errors.ts";
import { shownPath } from "../../domain/secrets.ts";
import type { ClientCertificate } from "./certificate.ts";
import { isPrincipalName, isRole, type Principal, ROLES } from "./principal.ts";

/** Finds who a client certificate stands for. */
export interface Clients {
  find(certificate: ClientCertificate): Principal | undefined;
}

const NAME = /^(CN|DNS|URI|email):\S/;

/**
 * Reads a file of `name principal role` lines; fails with `invalid`, naming the file and every line
 * at fault.
 */
export async function readClients(path: string): Promise<Clients> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const shown = shownPath(path, existsSync);
    throw new RuntimeError(
      "invalid",
      `TLS_CLIENTS: cannot read ${shown} (${code}): name a file that this process may read`,
    );
  }
  return parseClients(text, path);
}

/**
 * Parses `name principal role` lines; blank ones, and those that begin with `#`, are skipped. The
 * name is of the certificate: `CN:desk one`, `DNS:executor.example`, `URI:spiffe://desk/executor`.
 */
export function parseClients(text: string, path: string): Clients {
  const found = new Map<string, Principal>();
  const faults: Violation[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) {
      continue;
    }
    const [, name = "", principal = "", role = ""] = /^(.*\S)\s+(\S+)\s+(\S+)$/.exec(line) ?? [];
    const fault = lineFault(name, principal, role) ?? (found.has(name) ? "names a certificate again" : undefined);
    if (fault === undefined && isRole(role)) {
      found.set(name, { name: principal, role });
    } else {
      faults.push({ field: "TLS_CLIENTS", description: `${path} line ${index + 1} ${fault}` });
    }
  }
  if (found.size === 0 && faults.length === 0) {
    faults.push({ field: "TLS_CLIENTS", description: `${path} has no line: nobody could call; add one` });
  }
  if (faults.length > 0) {
    throw invalid(faults);
  }
  return {
    find: ({ names }) => names.map((name) => found.get(name)).find((principal) => principal !== undefined),
  };
}

function lineFault(name: string, principal: string, role: string): string | undefined {
  if (role === "") {
    return "does not have three parts: write `name principal role`";
  }
  if (!NAME.test(name)) {
    return "has no name of a certificate first: write CN:, DNS:, URI: or email: and the name";
  }
  if (!isPrincipalName(principal)) {
    return "has no valid principal second: use 1 to 64 of A-Z a-z 0-9 _ . @ -, a letter or digit first";
  }
  return isRole(role) ? undefined : `has no known role third: use one of ${ROLES.join(", ")}`;
}
