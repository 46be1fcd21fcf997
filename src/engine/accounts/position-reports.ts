import { invalid, RuntimeError, type Violation } from "../../domain/errors.ts";
import { type ClosedPosition, isClosed, type Position, profit } from "../../domain/position.ts";
import { SIDES } from "../../domain/strategy.ts";
import type { ClosedReport } from "../api.ts";
import { symbolFault, textFault } from "../validation/texts.ts";

/** What makes two openings the same. */
const OPENING = ["strategyId", "symbol", "side", "decisionId", "sizeUsd", "entryPrice", "openedAt"] as const;

const WIRE_NAME: Readonly<Record<string, string>> = {
  strategyId: "strategy_id",
  symbol: "symbol",
  side: "side",
  decisionId: "decision_id",
  sizeUsd: "size_usd",
  entryPrice: "entry_price",
  openedAt: "opened_at",
  exitPrice: "exit_price",
  closedAt: "closed_at",
  feesUsd: "fees_usd",
  exitReason: "exit_reason",
};

/** What to store for a report; undefined where it says nothing new. */
export type Reported<T> = { readonly position: T; readonly isNew: boolean };

/** An opening, against what is known of the position. */
export function reportOpened(report: ClosedReport, known: Position | undefined): Reported<Position> {
  const faults = [...idFault(report), ...openingFaults(report, true), ...feesFault(report)];
  for (const field of ["exitPrice", "closedAt", "exitReason"] as const) {
    if (report[field] !== undefined) {
      faults.push({
        field: `position.${WIRE_NAME[field]}`,
        description: "belongs to ReportPositionClosed, not to an opening",
      });
    }
  }
  if (faults.length > 0) {
    throw invalid(faults);
  }
  if (known !== undefined) {
    // Once closed, the fees are those of the closing, and what the opening said of them is not
    // known any more.
    refuseContradiction(report, known, isClosed(known) ? OPENING : [...OPENING, "feesUsd"]);
    return { position: known, isNew: false };
  }
  const { exitPrice: _, closedAt: __, ...opening } = report;
  return { position: { feesUsd: 0, ...opening } as Position, isNew: true };
}

/** A closing: of a position known, or taken whole. `closeSequence` is its place if it is new. */
export function reportClosed(
  report: ClosedReport,
  known: Position | undefined,
  closeSequence: number,
): Reported<ClosedPosition> {
  const faults = [
    ...idFault(report),
    ...closingFaults(report),
    ...feesFault(report),
    ...openingFaults(report, known === undefined),
  ];
  const openedAt = report.openedAt ?? known?.openedAt;
  if (report.closedAt !== undefined && openedAt !== undefined && report.closedAt < openedAt) {
    faults.push({ field: "position.closed_at", description: "is before opened_at" });
  }
  if (faults.length > 0) {
    throw invalid(faults);
  }
  if (known !== undefined) {
    refuseContradiction(report, known, OPENING);
    if (isClosed(known)) {
      refuseContradiction(report, known, ["exitPrice", "closedAt", "feesUsd", "exitReason"]);
      return { position: known, isNew: false };
    }
  }
  const given = Object.fromEntries(Object.entries(report).filter(([, value]) => value !== undefined));
  const position = { feesUsd: 0, ...known, ...given, closeSequence } as ClosedPosition;
  refuseEndlessProfit(position);
  return { position, isNew: true };
}

/**
 * One infinite profit would make its strategy's totals useless for good, for a report is never
 * taken back.
 */
function refuseEndlessProfit(position: ClosedPosition): void {
  const { pnl, pnlPct, pnlUsd } = profit(position);
  if (![pnl, pnlPct, pnlUsd].every(Number.isFinite)) {
    const { exitPrice, entryPrice, sizeUsd } = position;
    const description = `is ${exitPrice}, which with entry_price ${entryPrice} and size_usd ${sizeUsd} makes pnl_pct ${pnlPct} and pnl_usd ${pnlUsd}: they must be finite`;
    throw invalid([{ field: "position.exit_price", description }]);
  }
}

/**
 * R45, R46: the same report again changes nothing; one that says otherwise is refused. What a
 * report leaves out contradicts nothing.
 */
function refuseContradiction(report: ClosedReport, known: Position, fields: readonly (keyof ClosedReport)[]): void {
  for (const field of fields) {
    const said = report[field];
    if (said !== undefined && said !== known[field]) {
      const name = WIRE_NAME[field] ?? field;
      const was = known[field] === undefined ? `without ${name}` : `with ${name} ${JSON.stringify(known[field])}`;
      throw new RuntimeError(
        "already_exists",
        `position ${JSON.stringify(known.positionId)} was reported ${was} before; ${JSON.stringify(said)} contradicts it`,
      );
    }
  }
}

function idFault({ positionId }: ClosedReport): Violation[] {
  const fault = textFault(positionId, { least: 1, most: 128 });
  return fault === undefined ? [] : [{ field: "position.position_id", description: fault }];
}

function feesFault({ feesUsd }: ClosedReport): Violation[] {
  const isFine = feesUsd === undefined || (Number.isFinite(feesUsd) && feesUsd >= 0);
  return isFine ? [] : [{ field: "position.fees_usd", description: `is ${feesUsd}, must be finite and not negative` }];
}

function openingFaults(report: ClosedReport, isRequired: boolean): Violation[] {
  const faults: Violation[] = [];
  const check = (field: keyof ClosedReport, fault: string | undefined) => {
    if (fault !== undefined) {
      faults.push({ field: `position.${WIRE_NAME[field]}`, description: fault });
    }
  };
  const { strategyId, symbol, side, sizeUsd, entryPrice, openedAt } = report;
  const missing = isRequired ? "is required" : undefined;
  check("strategyId", strategyId ? textFault(strategyId, { least: 1, most: 128 }) : missing);
  check("symbol", symbol ? symbolFault(symbol) : missing);
  check("side", side === undefined ? missing : SIDES.includes(side) ? undefined : `is ${side}, must be LONG or SHORT`);
  check("sizeUsd", sizeUsd === undefined ? missing : positiveFault(sizeUsd));
  check("entryPrice", entryPrice === undefined ? missing : positiveFault(entryPrice));
  check("openedAt", openedAt === undefined ? missing : undefined);
  return faults;
}

function closingFaults({ exitPrice, closedAt }: ClosedReport): Violation[] {
  const faults: Violation[] = [];
  const price = exitPrice === undefined ? "is required" : positiveFault(exitPrice);
  if (price !== undefined) {
    faults.push({ field: "position.exit_price", description: price });
  }
  if (closedAt === undefined) {
    faults.push({ field: "position.closed_at", description: "is required" });
  }
  return faults;
}

function positiveFault(value: number): string | undefined {
  return Number.isFinite(value) && value > 0 ? undefined : `is ${value}, must be finite and above 0`;
}

/**
 * A report that nobody could ever act on would tell an executor that mixes up its ids that all is
 * well.
 */
export function noSuchDecision(decisionId: string): RuntimeError {
  return new RuntimeError(
    "not_found",
    `no decision ${JSON.stringify(decisionId)} is kept here; give decision_id as the decision says it (one older than the journal's retention holds no place any more)`,
  );
}
