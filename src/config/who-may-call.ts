import { type Address, isLoopback } from "./setting.ts";

/** What says who may call. */
export interface CallerSettings {
  readonly grpcAddress: Address;
  readonly webAddress: Address | "off";
  readonly tlsCert?: string;
  readonly tlsClientCa?: string;
  readonly tlsClients?: string;
  readonly authTokens?: string;
}

/** One line on who may call, for the log and the banner. */
export function whoMayCall(config: CallerSettings): string {
  const addresses = [config.grpcAddress, config.webAddress].filter((address): address is Address => address !== "off");
  const where = addresses.every(isLoopback) ? "on this machine" : "on any machine that reaches it";
  const over = config.tlsCert === undefined ? "in plaintext" : "over TLS";
  return `callers: ${who(config)} ${where}, ${over}`;
}

function who({ authTokens, tlsClientCa, tlsClients }: CallerSettings): string {
  const certificates = tlsClientCa === undefined ? undefined : `a certificate of ${tlsClientCa}`;
  const named = tlsClients === undefined ? undefined : `${certificates} that ${tlsClients} names`;
  if (authTokens !== undefined) {
    const token = `a token of ${authTokens}`;
    const either = named === undefined ? token : `${token}, or ${named}`;
    const both = named === undefined && certificates !== undefined ? `${token} and ${certificates}` : either;
    return `whoever has ${both}, by roles,`;
  }
  if (named !== undefined) {
    return `whoever has ${named}, by roles,`;
  }
  return certificates === undefined
    ? "anyone, without a token, may trade and halt"
    : `whoever has ${certificates} may trade and halt`;
}
