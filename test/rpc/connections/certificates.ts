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
  /**
   * A certificate that it signed: for 127.0.0.1 and localhost, or for a client with `names` such as
   * "URI:spiffe://desk/1".
   */
  issue(name: string, days?: number, names?: string): Pair;
  /**
   * An authority that this one signed. Those whom it signs show its certificate behind their own.
   */
  between(name: string): Authority;
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
  const authorityOf = (name: string, { cert, key }: Pair, behind = ""): Authority => {
    const issue = (issued: string, days: number, extensions: readonly string[]): Pair => {
      const [to, toKey] = [join(path, `${name}-${issued}.crt`), join(path, `${name}-${issued}.key`)];
      const request = join(path, `${issued}.csr`);
      openssl("req", ...newKey, "-keyout", toKey, "-out", request, "-subj", `/CN=${issued}`);
      const file = write(`${issued}.ext`, extensions.join("\n"));
      const signed = ["-CA", cert, "-CAkey", key, "-CAcreateserial", "-extfile", file];
      openssl("x509", "-req", "-in", request, "-out", to, ...signed, "-days", String(days));
      writeFileSync(to, `${readFileSync(to, "utf8")}${behind}`);
      return { cert: to, key: toKey };
    };
    return {
      cert,
      key,
      pem: readFileSync(cert),
      issue: (issued, days = 30, names = "DNS:localhost,IP:127.0.0.1") =>
        issue(issued, days, [`subjectAltName=${names}`]),
      between(issued) {
        const pair = issue(issued, 30, ["basicConstraints=critical,CA:TRUE"]);
        return authorityOf(issued, pair, readFileSync(pair.cert, "utf8"));
      },
    };
  };
  return {
    path,
    write,
    authority(name) {
      const [cert, key] = [join(path, `${name}.crt`), join(path, `${name}.key`)];
      openssl("req", "-x509", ...newKey, "-keyout", key, "-out", cert, "-days", "30", "-subj", `/CN=${name}`);
      return authorityOf(name, { cert, key });
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
