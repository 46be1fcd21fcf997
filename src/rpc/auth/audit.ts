import type { DescMessage, DescMethodUnary, MessageShape } from "@bufbuild/protobuf";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import type { StrategyConfig } from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import { StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { RuntimeError } from "../../domain/errors.ts";
import { toRuntimeError } from "../errors.ts";
import type { CallContext, Service, UnaryHandler } from "../service.ts";
import { riskModes, statuses } from "../translate/enums.ts";
import type { Principal } from "./principal.ts";

/** An order that a caller gave, carried out or refused. */
export interface AuditEvent {
  /** "PolicyService/SetRiskMode". */
  readonly method: string;
  /** Absent where tokens are not used: whoever reaches the port may give orders then. */
  readonly principal?: Principal;
  /** Where the call came from. */
  readonly peer?: string;
  /** The order, for people: "risk mode AGGRESSIVE". */
  readonly order: string;
  /** Why it was not carried out, or not seen to be. */
  readonly error?: RuntimeError;
}

/** Must not throw. */
export type AuditLog = (event: AuditEvent) => void;

interface Audited {
  readonly name: string;
  /** Undefined where the request orders nothing. */
  readonly describe: (request: never) => string | undefined;
}

/** Most names that a line lists. */
const MOST_NAMES = 20;
/** Longest order, in UTF-16 units: a request that is refused may hold anything. */
const LONGEST_ORDER = 500;

function audited<I extends DescMessage>(
  method: DescMethodUnary<I, DescMessage>,
  describe: (request: MessageShape<I>) => string | undefined,
): Audited {
  return { name: `${method.parent.typeName}/${method.name}`, describe };
}

const { method: policy } = PolicyService;
const { method: strategy } = StrategyService;

/** The orders that are worth a line: changes of the policy, of strategies and of their status. */
const AUDITED: ReadonlyMap<string, Audited> = new Map(
  [
    audited(policy.setRiskMode, ({ riskMode }) => `risk mode ${riskModes.toText(riskMode) || "not given"}`),
    audited(policy.setGlobalMinConfidence, ({ minConfidence }) => `least confidence ${minConfidence ?? "not given"}`),
    audited(policy.setAllowedStrategies, ({ strategyIds }) => `allowed strategies: ${listed(strategyIds) || "all"}`),
    audited(policy.setTradingHalt, ({ halted, reason }) => (halted ? `halt: ${reason}` : "no halt")),
    audited(policy.setCurrentRegime, ({ regime }) => `regime ${regime ?? "unknown"}`),
    audited(strategy.setStrategyStatus, ({ strategyId, status, reason }) => {
      const because = reason === "" ? "" : `: ${reason}`;
      return `${strategyId} becomes ${statuses.toText(status) || "nothing"}${because}`;
    }),
    audited(strategy.saveStrategy, ({ strategy: config, validateOnly }) =>
      validateOnly || config === undefined ? undefined : `save ${named(config)}`,
    ),
    audited(strategy.batchSaveStrategies, ({ strategies }) => `save ${listed(strategies.map(named))}`),
  ].map((entry) => [entry.name, entry]),
);

function named({ strategyId, status }: StrategyConfig): string {
  return `${strategyId} as ${statuses.toText(status) || "a strategy without status"}`;
}

function listed(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/**
 * The service with orders logged, who gave them included, once they were carried out or refused;
 * for any carrier.
 */
export function withAudit(service: Service, log: AuditLog): Service {
  return {
    descriptor: service.descriptor,
    stream: (method) => service.stream(method),
    check: (method) => service.check(method),
    unary(method) {
      const handler = service.unary(method);
      const entry = AUDITED.get(`${method.parent.typeName}/${method.name}`);
      return entry === undefined
        ? handler
        : auditedHandler(entry, `${method.parent.name}/${method.name}`, handler, log);
    },
  };
}

function auditedHandler(
  { describe }: Audited,
  method: string,
  handler: UnaryHandler<DescMessage, DescMessage>,
  log: AuditLog,
): UnaryHandler<DescMessage, DescMessage> {
  const note = (request: unknown, { principal, peer }: CallContext, error?: RuntimeError): void => {
    const order = describe(request as never);
    if (order !== undefined) {
      log({
        method,
        order: oneLine(order),
        ...(principal !== undefined && { principal }),
        ...(peer !== undefined && { peer }),
        ...(error !== undefined && { error: new RuntimeError(error.code, oneLine(error.message)) }),
      });
    }
  };
  return async (request, context) => {
    try {
      const response = await handler(request, context);
      note(request, context);
      return response;
    } catch (thrown) {
      note(request, context, toRuntimeError(thrown));
      throw thrown;
    }
  };
}

/** What callers write must not look like other lines of the log. */
function oneLine(text: string): string {
  const cut = text.length > LONGEST_ORDER ? `${text.slice(0, LONGEST_ORDER)}…` : text;
  return cut.replace(/\p{Cc}+/gu, " ").toWellFormed();
}

/** The line for people: who ordered what, and whether it was done. */
export function auditLine({ principal, peer, method, order, error }: AuditEvent): string {
  const who =
    principal === undefined ? `${peer ?? "a caller"} without a token` : `${principal.name} (${roleOf(principal)})`;
  const line = `${who} ordered ${method}: ${order}`;
  return error === undefined ? line : `${line}; it failed: ${error.message}`;
}

function roleOf({ role, subject }: Principal): string {
  return subject === undefined ? role : `${role}, certificate ${oneLine(subject)}`;
}
