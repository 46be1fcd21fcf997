import { METHOD_ROLES } from "../../../src/rpc/auth/method-roles.ts";
import { ROLES } from "../../../src/rpc/auth/principal.ts";
import { type Caller, callersOf, expected, METHODS, NO_SUCH_METHOD, WAYS, type Way } from "./matrix.ts";

/** docs/access.md: what each role may call by each way, for operators. */
export function accessPage(): string {
  return [...HEAD, ...roleTable(), ...BETWEEN, ...wayTable(), ...FOOT, ""].join("\n");
}

/** Cells of the matrix, all of which the test calls. */
export function cellCount(): number {
  return WAYS.reduce((sum, way) => sum + callersOf(way).length * METHODS.length, 0);
}

const HEAD = [
  "# Who may call what",
  "",
  "Written by `npm run docs:access` from the table of rights in `src/rpc/auth`. A test calls every cell of the matrix",
  `method × caller × way, ${cellCount()} of them, and fails where one is answered otherwise, or where this page is not current.`,
  "It holds where AUTH_TOKENS or TLS_CLIENTS are set; without them, whoever reaches a port may call everything.",
  "",
  "## What each role may call",
  "",
  "The same by every way. *No token* is a caller that shows nothing, or something by which nobody is known.",
  "",
] as const;

function roleTable(): readonly string[] {
  const columns = [...ROLES, "no token"];
  const rows = Object.entries(METHOD_ROLES).map(([method, audience]) => {
    const cells = columns.map((column) => {
      const may = audience === "anyone" || (audience as readonly string[]).includes(column);
      return may ? "yes" : "–";
    });
    return `| ${method.replace("strategyruntime.v1.", "")} | ${cells.join(" | ")} |`;
  });
  return [`| call | ${columns.join(" | ")} |`, `| --- |${" --- |".repeat(columns.length)}`, ...rows, ""];
}

const BETWEEN = [
  "## What callers are told, by each way",
  "",
  "*Served* is the answer to the request itself, also where it refuses a field. *Unauthenticated* is UNAUTHENTICATED, and",
  "401 over HTTP; *permission denied* is PERMISSION_DENIED, and 403; *no such call* is UNIMPLEMENTED, and 404; *not by GET*",
  "is 405. Nobody is known by no token, by an unknown or expired one, by an authorization of another kind, or by two",
  "authorizations, whichever they are. Where a token is sent on a connection with a client certificate, the token decides.",
  "",
] as const;

type Column = readonly [string, (method: string, caller: Caller) => boolean];

const isContract = (method: string): boolean => method.startsWith("strategyruntime.") && method !== NO_SUCH_METHOD;
const may = (method: string, { role }: Caller): boolean =>
  role !== undefined && (METHOD_ROLES[method] as readonly string[]).includes(role);
const isNobody = ({ role, isStranger }: Caller): boolean => role === undefined && isStranger !== true;

/** Groups of cells of the matrix, all of which are answered alike by one way. */
const COLUMNS: readonly Column[] = [
  ["a call that the role may", (method, caller) => isContract(method) && may(method, caller)],
  ["one that it may not", (method, caller) => isContract(method) && caller.role !== undefined && !may(method, caller)],
  ["by nobody who is known", (method, caller) => isContract(method) && isNobody(caller)],
  ["by a certificate of nobody", (method, caller) => isContract(method) && caller.isStranger === true],
  ["health, by anyone", (method) => method.startsWith("grpc.health.")],
  ["reflection, by a role", (method, { role }) => method.startsWith("grpc.reflection.") && role !== undefined],
  ["reflection, by nobody", (method, caller) => method.startsWith("grpc.reflection.") && isNobody(caller)],
  ["unknown methods, by a role", (method, { role }) => method === NO_SUCH_METHOD && role !== undefined],
  ["unknown methods, by nobody", (method, caller) => method === NO_SUCH_METHOD && isNobody(caller)],
];

function wayTable(): readonly string[] {
  return [
    `| way | ${COLUMNS.map(([name]) => name).join(" | ")} |`,
    `| --- |${" --- |".repeat(COLUMNS.length)}`,
    ...WAYS.map((way) => `| ${way.name} | ${COLUMNS.map((column) => told(way, column)).join(" | ")} |`),
    "",
  ];
}

function told(way: Way, [, isIn]: Column): string {
  const outcomes = callersOf(way).flatMap((caller) =>
    METHODS.filter((method) => isIn(method, caller)).map((method) => expected(method, caller, way)),
  );
  return [...new Set(outcomes)].join(" or ") || "–";
}

const FOOT = [
  "## Pages",
  "",
  "| page | who |",
  "| --- | --- |",
  "| /healthz, /readyz | anyone |",
  "| /metrics | every role; on PROBE_ADDRESS anyone |",
] as const;
