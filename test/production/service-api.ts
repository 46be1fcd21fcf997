import type { RunningServer } from "../running-server.ts";

/** What GetRuntimeStatus answers as JSON, as far as these tests read it. */
export interface StatusJson {
  readonly ready?: boolean;
  readonly whyNot?: readonly string[];
  readonly liveStrategies?: number;
  readonly policy?: { readonly halted?: boolean; readonly globalMinConfidence?: number };
  readonly symbols?: readonly { readonly symbol: string; readonly timeframe: string; readonly whyNot?: string }[];
  readonly rejectedStrategies?: readonly { readonly strategyId: string; readonly explanation: string }[];
  readonly adapters?: Readonly<Record<string, string>>;
  readonly role?: string;
  /** A 64-bit number, and so a text. */
  readonly epoch?: string;
  readonly activeAddress?: string;
  readonly leaseExpiresAt?: string;
}

export interface DecisionJson {
  readonly decisionId: string;
  readonly strategyId: string;
  readonly symbol: string;
  readonly timestamp: string;
  readonly sequence: string;
}

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** The service as curl sees it, on the web port. */
export interface ServiceApi {
  /** Where the web port is, without the scheme. It is another one after a restart. */
  readonly webAddress: string;
  page(path: string): Promise<{ readonly status: number; readonly text: string }>;
  call<Body>(method: string, request?: object): Promise<Answer<Body>>;
  status(): Promise<StatusJson>;
  /** All decisions in the journal, oldest first; fails where the journal cannot be read. */
  decisions(): Promise<readonly DecisionJson[]>;
  /** The outcome of the strategy on the symbol now. */
  outcome(strategyId: string, symbol: string): Promise<string>;
}

const SERVICE_OF: Readonly<Record<string, string>> = {
  SetTradingHalt: "PolicyService",
  GetPolicy: "PolicyService",
  SaveStrategy: "StrategyService",
  SetGlobalMinConfidence: "PolicyService",
  SetStrategyStatus: "StrategyService",
  GetStrategy: "StrategyService",
  ReportPositionOpened: "PerformanceService",
  ReportPositionClosed: "PerformanceService",
  ReportDecisionRejected: "PerformanceService",
  GetStrategyPerformance: "PerformanceService",
};

/** No call of these tests may wait for longer, ms: a fault must be told, not waited out. */
const CALL_LIMIT_MS = 8_000;

export function serviceApi(server: Pick<RunningServer, "output">): ServiceApi {
  const webAddress = () => {
    const found = [...server.output.matchAll(/"webAddress":"([^"]+)"/g)].at(-1)?.[1];
    if (found === undefined) {
      throw new Error(`the service said no web address: ${server.output.slice(-2_000)}`);
    }
    return found;
  };
  const url = (path: string) => `http://${webAddress()}${path}`;
  const limit = () => AbortSignal.timeout(CALL_LIMIT_MS);

  async function call<Body>(method: string, request: object = {}): Promise<Answer<Body>> {
    const service = SERVICE_OF[method] ?? "StrategyRuntimeService";
    const response = await fetch(url(`/strategyruntime.v1.${service}/${method}`), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
      signal: limit(),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }

  async function must<Body>(method: string, request: object): Promise<Body> {
    const { status, body } = await call<Body>(method, request);
    if (status !== 200) {
      throw new Error(`${method} answered ${status}: ${JSON.stringify(body)}`);
    }
    return body;
  }

  return {
    get webAddress() {
      return webAddress();
    },
    async page(path) {
      const response = await fetch(url(path), { signal: limit() });
      return { status: response.status, text: await response.text() };
    },
    call,
    status: () => must<StatusJson>("GetRuntimeStatus", {}),
    async decisions() {
      const all: DecisionJson[] = [];
      let pageToken = "";
      do {
        const page = await must<{ decisions?: DecisionJson[]; nextPageToken?: string }>("ListDecisions", {
          pageSize: 500,
          pageToken,
        });
        all.push(...(page.decisions ?? []));
        pageToken = page.nextPageToken ?? "";
      } while (pageToken !== "");
      return all;
    },
    async outcome(strategyId, symbol) {
      const { evaluation } = await must<{ evaluation: { outcome: string } }>("Evaluate", { strategyId, symbol });
      return evaluation.outcome.replace("OUTCOME_", "");
    },
  };
}
