import { constants, createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { TlsOptions } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";
import { errorText, invalid, type Violation } from "../../domain/errors.ts";
import { shownPath } from "../../domain/secrets.ts";

/** Paths of PEM files. */
export interface TlsFiles {
  /** The server's certificate, those between it and the root after it. */
  readonly cert: string;
  /** Its private key, without a passphrase. */
  readonly key: string;
  /** The authorities whose clients may connect; with it, a client needs a certificate (mTLS). */
  readonly clientCa?: string;
}

/** What the files hold, checked. */
export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly clientCa?: Buffer;
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Reads the files and checks what would else show at the first connection only. Fails with one
 * `invalid` error that lists every fault with the variable and the file. `now` is wall time, ms.
 */
export async function readTls(files: TlsFiles, now: number): Promise<TlsMaterial> {
  const faults: Violation[] = [];
  const read = async (field: string, path: string | undefined): Promise<Buffer | undefined> => {
    try {
      return path === undefined ? undefined : await readFile(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const shown = shownPath(path ?? "", existsSync);
      faults.push({ field, description: `cannot read ${shown} (${code}): name a file that this process may read` });
      return undefined;
    }
  };
  const note = (field: string, path: string | undefined, fault: string | undefined): void => {
    if (fault !== undefined) {
      faults.push({ field, description: `${path} ${fault}` });
    }
  };
  // One after the other, so that faults come in one order.
  const cert = await read("TLS_CERT", files.cert);
  const key = await read("TLS_KEY", files.key);
  const clientCa = await read("TLS_CLIENT_CA", files.clientCa);
  note("TLS_CERT", files.cert, cert && certificateFault(cert, now));
  note("TLS_KEY", files.key, key && keyFault(key, faults.length === 0 ? cert : undefined, files.cert));
  note("TLS_CLIENT_CA", files.clientCa, clientCa && certificateFault(clientCa, now));
  if (faults.length > 0 || cert === undefined || key === undefined) {
    throw invalid(faults);
  }
  return { cert, key, ...(clientCa !== undefined && { clientCa }) };
}

/** The certificates that a file holds, each as PEM. */
export function pemCertificates(pem: Buffer): readonly string[] {
  return pem.toString("latin1").match(PEM_CERTIFICATE) ?? [];
}

function certificateFault(pem: Buffer, now: number): string | undefined {
  const blocks = pemCertificates(pem);
  if (blocks.length === 0) {
    return "holds no certificate: it must be PEM, with BEGIN CERTIFICATE";
  }
  for (const [index, block] of blocks.entries()) {
    const which =
      blocks.length === 1 ? "holds a certificate" : `holds ${blocks.length} certificates; number ${index + 1}`;
    try {
      const { validFrom, validTo, subject } = new X509Certificate(block);
      if (now >= Date.parse(validTo)) {
        return `${which} (${oneLine(subject)}) that was valid until ${validTo}: renew it`;
      }
      if (now < Date.parse(validFrom)) {
        return `${which} (${oneLine(subject)}) that is not valid before ${validFrom}: check the clock`;
      }
    } catch (error) {
      return `${which} that cannot be read (${errorText(error)})`;
    }
  }
  return undefined;
}

function oneLine(subject: string): string {
  return subject.split("\n").join(", ");
}

/** The key itself is never quoted. */
function keyFault(pem: Buffer, cert: Buffer | undefined, certPath: string): string | undefined {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return pem.includes("ENCRYPTED")
      ? "is protected by a passphrase: give the key without one"
      : "holds no private key: it must be PEM, with BEGIN PRIVATE KEY";
  }
  return cert === undefined || new X509Certificate(cert).checkPrivateKey(key)
    ? undefined
    : `does not belong to the certificate in ${certPath}: give the two that were made together`;
}

/** For the gRPC server; plaintext without material. */
export function grpcCredentials(tls: TlsMaterial | undefined): ServerCredentials {
  return tls === undefined ? ServerCredentials.createInsecure() : new RenewableCredentials(tls);
}

/** As grpc-js's own for TLS, with a certificate that can be renewed. */
export class RenewableCredentials extends ServerCredentials {
  constructor(tls: TlsMaterial) {
    const { requestCert, rejectUnauthorized, minVersion, ...context } = tlsOptions(tls);
    super({ requestCert, rejectUnauthorized, minVersion }, { ...context, minVersion });
  }

  /**
   * New connections have it; open ones go on. Whether clients need a certificate stays as it was.
   */
  renew(tls: TlsMaterial): void {
    const { requestCert, rejectUnauthorized, ...context } = tlsOptions(tls);
    this.updateSecureContextOptions(context);
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

/** For a server of Node's `https` or `http2`: the web server's side of the same. */
export function tlsOptions(tls: TlsMaterial): TlsOptions {
  return {
    cert: tls.cert,
    key: tls.key,
    minVersion: "TLSv1.2",
    // A handshake is the dearest that a caller can ask for: one a connection is enough.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    ...(tls.clientCa !== undefined && { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
  };
}
