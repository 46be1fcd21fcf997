import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Paths of a certificate and its key. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** An authority made by openssl, in a folder of its own. */
export interface Authority extends Pair {
  /** The authority's own certificate. */
  readonly pem: Buffer;
  /** A certificate that it signed: for 127.0.0.1 and localhost, or for a client with `names` such as "URI:spiffe://desk/1". */
  issue(name: string, days?: number, names?: string): Pair;
}

export interface CertificateFolder {
  readonly path: string;
  authority(name: string): Authority;
  /** Writes a file and answers with its path. */
  write(name: string, content: string | Buffer): string;
  remove(): void;
}

export function certificateFolder(): CertificateFolder {
  const path = mkdtempSync(join(tmpdir(), "certificates-"));
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: path, stdio: "pipe" });
  };
  const write = (name: string, content: string | Buffer): string => {
    writeFileSync(join(path, name), content, { mode: 0o600 });
    return join(path, name);
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  return {
    path,
    write,
    authority(name) {
      const [cert, key] = [join(path, `${name}.crt`), join(path, `${name}.key`)];
      openssl("req", "-x509", ...newKey, "-keyout", key, "-out", cert, "-days", "30", "-subj", `/CN=${name}`);
      return {
        cert,
        key,
        pem: readFileSync(cert),
        issue(issued, days = 30, names = "DNS:localhost,IP:127.0.0.1") {
          const [to, toKey] = [join(path, `${name}-${issued}.crt`), join(path, `${name}-${issued}.key`)];
          const request = join(path, `${issued}.csr`);
          openssl("req", ...newKey, "-keyout", toKey, "-out", request, "-subj", `/CN=${issued}`);
          const extensions = write(`${issued}.ext`, `subjectAltName=${names}`);
          const signed = ["-CA", cert, "-CAkey", key, "-CAcreateserial", "-extfile", extensions];
          openssl("x509", "-req", "-in", request, "-out", to, ...signed, "-days", String(days));
          return { cert: to, key: toKey };
        },
      };
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
