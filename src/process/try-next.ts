import type { Config } from "../config.ts";

type Protected = Pick<Config, "marketData" | "tlsCert" | "tlsClientCa" | "authTokens">;

export interface Addresses {
  readonly address: string;
  /** Absent where it is switched off. */
  readonly webAddress?: string;
}

/**
 * Commands that do something as they are printed, whatever protects the service: curl first, which
 * every machine has.
 */
export function tryNext({ address, webAddress }: Addresses, config: Protected): readonly string[] {
  const service = (method: string) => `strategyruntime.v1.${method}`;
  const grpcurl = (method: string, body?: object) => {
    const data = body === undefined ? "" : ` -d '${JSON.stringify(body)}'`;
    return `grpcurl ${grpcurlOptions(config).join(" ")}${data} ${address} ${service(method)}`;
  };
  const scheme = config.tlsCert === undefined ? "http" : "https";
  const curl = (method: string, body: object = {}) =>
    `curl ${[...curlOptions(config), "-H 'content-type: application/json'"].join(" ")} -d '${JSON.stringify(body)}' ${scheme}://${webAddress}/${service(method)}`;
  const ask = webAddress === undefined ? grpcurl : curl;
  return [
    ...(config.authTokens === undefined ? [] : [`export TOKEN=...    # one of ${config.authTokens}`]),
    ...(config.tlsClientCa === undefined
      ? []
      : [`export CERT=... KEY=...    # a certificate of ${config.tlsClientCa}`]),
    ask("StrategyRuntimeService/GetRuntimeStatus"),
    ask("StrategyService/SaveStrategy", { strategy: firstStrategy(config) }),
    grpcurl("StrategyRuntimeService/GenerateSignals", { follow: true, resume_token: "start" }),
  ];
}

function firstStrategy({ marketData }: Protected): object {
  return {
    strategy_id: "first",
    name: "First",
    status: "STRATEGY_STATUS_LIVE",
    // Recordings are of 30m and longer, the bundled ones at least: on 1m nothing would ever be
    // decided.
    timeframe: marketData === "replay" ? "1h" : "1m",
    side: "SIDE_LONG",
    entry_indicators: [{ name: "RSI", operator: "<", value: 60 }],
    base_size_usd: 1000,
    stop_loss_pct: 0.02,
    take_profit_pct: 0.05,
  };
}

/**
 * A certificate is for the service's name, and the address that is printed is a number: for a look,
 * none is checked.
 */
function grpcurlOptions({ tlsCert, tlsClientCa, authTokens }: Protected): readonly string[] {
  return [
    tlsCert === undefined ? "-plaintext" : "-insecure",
    ...(tlsClientCa === undefined ? [] : ['-cert "$CERT" -key "$KEY"']),
    ...(authTokens === undefined ? [] : ['-H "authorization: Bearer $TOKEN"']),
  ];
}

function curlOptions({ tlsCert, tlsClientCa, authTokens }: Protected): readonly string[] {
  return [
    ...(tlsCert === undefined ? [] : ["--insecure"]),
    ...(tlsClientCa === undefined ? [] : ['--cert "$CERT" --key "$KEY"']),
    ...(authTokens === undefined ? [] : ['-H "authorization: Bearer $TOKEN"']),
  ];
}
