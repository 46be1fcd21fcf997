import { isIPv4, isIPv6 } from "node:net";
import type { Principal } from "../auth/principal.ts";

/** Whom a budget belongs to. */
export interface Caller {
  /** Calls with equal keys draw on one budget. */
  readonly key: string;
  /** For messages: "vera", "address 192.0.2.7". */
  readonly name: string;
  /**
   * Of a metric: the principal's name; every address is "address", for anybody could make up more.
   */
  readonly label: string;
  /**
   * A program on this machine that needs no token: whoever runs it may do everything here anyway.
   */
  readonly isLocal: boolean;
}

/**
 * The caller by its principal, or by its address where it is not known by name, though it may have
 * to be.
 */
export function callerOf(
  principal: Principal | undefined,
  peer: string,
  { mustBeKnown }: { readonly mustBeKnown: boolean },
): Caller {
  if (principal !== undefined) {
    const { name } = principal;
    return { key: `principal ${name}`, name, label: name, isLocal: false };
  }
  const address = networkOfPeer(peer);
  const name = `address ${address || "unknown"}`;
  return { key: name, name, label: "address", isLocal: !mustBeKnown && isLocalAddress(address) };
}

/** The network of an address and port. */
export function networkOfPeer(peer: string): string {
  return networkOf(peer.slice(0, Math.max(peer.lastIndexOf(":"), 0)));
}

/**
 * An IPv4 address as it is, also where it is written as one of IPv6, as a port of both kinds sees
 * it; of IPv6, the first 64 bits: whoever has one address there has them all.
 */
export function networkOf(address: string): string {
  const [plain = ""] = address.replace(/^\[|\]$/g, "").split("%");
  const mapped = mappedOf(plain) ?? plain;
  if (isIPv4(mapped) || !isIPv6(plain) || plain === "::1") {
    return mapped;
  }
  const [left = "", right] = plain.toLowerCase().split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right === undefined || right === "" ? [] : right.split(":");
  const zeros = right === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  const groups = [...head, ...Array.from({ length: zeros }, () => "0"), ...tail];
  const network = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ""));
  return `${network.join(":")}::/64`;
}

/** The IPv4 address in ::ffff:127.0.0.1, or in ::ffff:7f00:1. */
function mappedOf(address: string): string | undefined {
  const [, dotted, high, low] = MAPPED.exec(address) ?? [];
  if (high === undefined || low === undefined) {
    return dotted;
  }
  const [front, back] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [front >> 8, front & 255, back >> 8, back & 255].join(".");
}

const MAPPED = /^(?:::|(?:0{1,4}:){5})ffff:(?:([\d.]+)|([\da-f]{1,4}):([\da-f]{1,4}))$/i;

function isLocalAddress(address: string): boolean {
  return address === "::1" || (isIPv4(address) && address.startsWith("127."));
}
