import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import type { DetailedPeerCertificate, PeerCertificate, TLSSocket } from "node:tls";
import { pemCertificates } from "./tls.ts";

/** Longer chains are not followed; certificates that issued each other would be one without end. */
const LONGEST_CHAIN = 10;

/** What says that a connection has closed: its socket, or its HTTP/2 session. */
interface Closing {
  once(event: "close", listener: () => void): unknown;
}

/**
 * The connections whose client showed a certificate. They are closed once the authority of it
 * counts no more.
 */
export class CertifiedConnections {
  readonly #open = new Set<Partial<TLSSocket>>();
  #clientCa: Buffer | undefined;
  /** Absent until there is a new authority: until then the handshake has checked all of them. */
  #isKnown: ((found: PeerCertificate) => boolean) | undefined;

  constructor(clientCa: Buffer | undefined) {
    this.#clientCa = clientCa;
  }

  add(socket: Socket | undefined, closing: Closing): void {
    const secured = socket as Partial<TLSSocket> | undefined;
    if (secured === undefined || this.#clientCa === undefined) {
      return;
    }
    this.#open.add(secured);
    closing.once("close", () => this.#open.delete(secured));
    // Its handshake may have begun before the authority changed.
    this.#closeUnknown(secured);
  }

  /** From now on these are the authorities. Answers how many connections were closed. */
  renew(clientCa: Buffer | undefined): number {
    if (clientCa === undefined || this.#clientCa === undefined || clientCa.equals(this.#clientCa)) {
      return 0;
    }
    this.#clientCa = clientCa;
    this.#isKnown = knownTo(clientCa);
    return [...this.#open].filter((secured) => this.#closeUnknown(secured)).length;
  }

  #closeUnknown(secured: Partial<TLSSocket>): boolean {
    const found = secured.getPeerCertificate?.(true);
    if (this.#isKnown === undefined || (found !== undefined && this.#isKnown(found))) {
      return false;
    }
    this.#open.delete(secured);
    secured.destroy?.();
    return true;
  }
}

/**
 * Whether authorities know a client certificate: whether a chain leads from it to a root among
 * them, as at the beginning of a connection. `found` has the chain that the client has sent, or,
 * by some versions of Node, its own certificate alone. Without the links it counts as not known: a
 * client that may connect does so again.
 */
function knownTo(clientCa: Buffer): (found: PeerCertificate) => boolean {
  const authorities = pemCertificates(clientCa).map((pem) => new X509Certificate(pem));
  const roots = new Set(authorities.filter(isRoot).map(({ fingerprint256 }) => fingerprint256));
  return (found) => {
    const chain = chainOf(found);
    const candidates = [...authorities, ...chain];
    let current = chain[0];
    for (let depth = 0; current !== undefined && depth < LONGEST_CHAIN; depth++) {
      const issued = current;
      if (isRoot(issued)) {
        return roots.has(issued.fingerprint256);
      }
      current = candidates.find((each) => hasIssued(each, issued));
    }
    return false;
  };
}

function isRoot(certificate: X509Certificate): boolean {
  return hasIssued(certificate, certificate);
}

function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** The client's own certificate first. */
function chainOf(found: PeerCertificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next: Partial<DetailedPeerCertificate> | undefined = found;
  while (next?.raw !== undefined && chain.length < LONGEST_CHAIN) {
    chain.push(new X509Certificate(next.raw));
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate;
  }
  return chain;
}
