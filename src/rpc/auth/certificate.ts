import type { Socket } from "node:net";
import type { PeerCertificate, TLSSocket } from "node:tls";

/** Who a client certificate is for. Its authority was checked before. */
export interface ClientCertificate {
  /** "CN=executor-1, O=Desk". */
  readonly subject: string;
  /**
   * The names by which TLS_CLIENTS may know it: "CN:executor-1", "DNS:executor-1.example",
   * "URI:spiffe://desk/1".
   */
  readonly names: readonly string[];
}

/** What is used of a call's authentication; grpc-js's calls have it. */
export interface AuthContext {
  readonly sslPeerCertificate?: PeerCertificate;
}

/** The certificate of a connection's other end, once it was checked against the authority. */
export function peerCertificate(socket: Socket | undefined): AuthContext {
  const secured = socket as Partial<TLSSocket> | undefined;
  const found = secured?.authorized ? secured.getPeerCertificate?.() : undefined;
  return found?.raw === undefined ? {} : { sslPeerCertificate: found };
}

export function clientCertificate({ sslPeerCertificate: found }: AuthContext): ClientCertificate | undefined {
  if (found === undefined) {
    return undefined;
  }
  const parts = Object.entries(found.subject ?? {}).flatMap(([name, value]) =>
    [value].flat().map((each) => ({ name, value: String(each) })),
  );
  const common = parts.filter(({ name }) => name === "CN").map(({ value }) => `CN:${value}`);
  return {
    subject: parts.map(({ name, value }) => `${name}=${value}`).join(", "),
    names: [...common, ...alternativeNames(found.subjectaltname ?? "")],
  };
}

/**
 * Node writes names as "DNS:a, URI:b", and in quotes where they have letters that could pass for
 * another name. Those are left out: no operator names one so.
 */
function alternativeNames(text: string): readonly string[] {
  return text.includes('"') ? [] : text.split(", ").filter((name) => /^(DNS|URI|email):/.test(name));
}
