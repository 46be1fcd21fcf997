import type { Mutant } from "./mutant.ts";

const POSTGRES = "src/adapters/postgres";
const POWER = ["test/adapters/postgres/power-cut.test.ts"];
const STREAM_WRITER = ["test/rpc/grpc/stream-writer.test.ts"];

/** Where the engine meets others: disks, servers, readers and callers. */
export const BOUNDS: readonly Mutant[] = [
  {
    name: "the embedded database does not sync a commit",
    file: `${POSTGRES}/synced-node-fs.ts`,
    find: "      fdatasyncSync(nfd);\n",
    replace: "",
    tests: POWER,
  },
  {
    name: "the embedded database is started with fsync off",
    file: `${POSTGRES}/synced-node-fs.ts`,
    find: '...PGlite.defaultStartParams.filter((param) => param !== "-F"),',
    replace: "...PGlite.defaultStartParams,",
    tests: POWER,
  },
  {
    name: "a new cluster is not synced before it is used",
    file: `${POSTGRES}/pglite.ts`,
    find: "  await syncTree(cluster);\n",
    replace: "",
    tests: POWER,
  },
  {
    name: "a transaction whose client is silent keeps its locks",
    file: `${POSTGRES}/pool.ts`,
    find: "    idle_in_transaction_session_timeout: 2 * statementTimeoutMs,\n",
    replace: "",
    tests: ["test/adapters/postgres/pool.test.ts"],
  },
  {
    name: "a write of an earlier epoch is not fenced",
    file: `${POSTGRES}/lease-sql.ts`,
    find: "UPDATE sg_lease SET epoch = epoch + 1, holder = $2,",
    replace: "UPDATE sg_lease SET epoch = epoch, holder = $2,",
    tests: ["test/adapters/postgres/sql-lease.test.ts"],
  },
  {
    name: "decisions are appended without a fence",
    file: `${POSTGRES}/sql-journal.ts`,
    find: "WHERE last_sequence = $1::bigint AND (SELECT sg_fence($13::bigint)) RETURNING 1",
    replace: "WHERE last_sequence = $1::bigint AND $13::bigint IS NOT DISTINCT FROM $13::bigint RETURNING 1",
    tests: ["test/adapters/postgres/sql-lease.test.ts"],
  },
  {
    name: "a stream does not wait for its reader",
    file: "src/rpc/grpc/stream-writer.ts",
    find: "if (this.#waiting > MOST_WAITING_BYTES) {\n      return this.#room();",
    replace: "if (this.#waiting < 0) {\n      return this.#room();",
    tests: [...STREAM_WRITER, "test/rpc/grpc/streams.test.ts"],
  },
  {
    name: "a stream waits for its reader though its call has ended",
    file: "src/rpc/grpc/stream-writer.ts",
    find: '      signal.addEventListener("abort", done);\n',
    replace: "",
    tests: STREAM_WRITER,
  },
  {
    name: "a stream gives the connection no turn",
    file: "src/rpc/grpc/stream-writer.ts",
    find: "return this.#sinceTurn > BYTES_A_TURN ? this.#turn() : undefined;",
    replace: "return undefined;",
    tests: STREAM_WRITER,
  },
  {
    name: "the queue of a stream has no limit",
    file: "src/engine/streams/bounded-queue.ts",
    find: "this.#items.length >= this.#limit",
    replace: "this.#items.length < 0",
    tests: ["test/engine/streams/bounded-queue.test.ts", "test/engine/follow.test.ts"],
  },
  {
    name: "the queue of a stream ends one message early",
    file: "src/engine/streams/bounded-queue.ts",
    find: "this.#items.length >= this.#limit",
    replace: "this.#items.length + 1 >= this.#limit",
    tests: ["test/engine/streams/bounded-queue.test.ts"],
  },
  {
    name: "a token that has expired lets its caller in",
    file: "src/rpc/auth/access.ts",
    find: "now >= principal.expiresAt",
    replace: "now > Number.MAX_VALUE",
    tests: ["test/rpc/auth/access.test.ts"],
  },
  {
    name: "a role is not asked what it may",
    file: "src/rpc/auth/access.ts",
    find: "if (!audience?.includes(principal.role)) {",
    replace: "if (audience === undefined) {",
    tests: ["test/rpc/auth/access.test.ts"],
  },
  {
    name: "a token is known by the beginning of its hash",
    file: "src/rpc/auth/tokens.ts",
    find: "candidates.find((entry) => timingSafeEqual(entry.hash, hash))?.principal",
    replace: "candidates[0]?.principal",
    tests: ["test/rpc/auth/tokens.test.ts"],
  },
  {
    name: "requests are not gated",
    file: "src/rpc/auth/gate.ts",
    find: "methods.has(method) ? access.admit(method, credentials) : access.identify(credentials);",
    replace: "undefined;",
    tests: ["test/rpc/auth/access.test.ts"],
  },
  {
    name: "a call does not give its budget back",
    file: "src/rpc/budgets/share.ts",
    find: "      this.#account.give(this.#held);\n",
    replace: "",
    tests: ["test/rpc/budgets/budgets.test.ts", "test/rpc/budgets/held-budgets.test.ts"],
  },
  {
    name: "a caller may have one call more than its budget",
    file: "src/rpc/budgets/account.ts",
    find: "if (used + count > most) {",
    replace: "if (used + count > most + 1) {",
    tests: ["test/rpc/budgets/budgets.test.ts"],
  },
];
