import type {
  Server,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { RuntimeError } from "../../domain/errors.ts";
import { guarded, type OnThrown } from "../../domain/guarded.ts";
import type { OpenCalls } from "../calls/open-calls.ts";
import { toRuntimeError, toStatus } from "../errors.ts";
import { healthMethod } from "../public-protos.ts";

export interface HealthOptions {
  /** Full names of the services; the server as a whole is "" besides. */
  readonly services: readonly string[];
  /**
   * Whether a service (the server as a whole: "") can do its work now. Cheap: it is asked several
   * times a second.
   */
  readonly ready: (service: string) => boolean;
  /** How often watchers are told of changes, ms; Check always says what is so now. */
  readonly pollMs: number;
  /** Watches are streams like any other, and the rest calls. */
  readonly calls: OpenCalls;
  /** Told of what a look at the readiness threw; the next look comes all the same. */
  readonly onThrown: OnThrown;
}

/** grpc.health.v1. */
export interface Health {
  addTo(server: Server): void;
  /** From now on nothing is serving, whatever `ready` says. */
  stopServing(): void;
  /** Ends all watches, which have no end of their own. */
  endWatches(): void;
}

/** A call of Check or List. */
type Asked = ServerUnaryCall<unknown, unknown>;
type Answer = sendUnaryData<unknown>;
type Watch = ServerWritableStream<{ readonly service: string }, { readonly status: string }>;
type Handlers = {
  readonly check: (call: Asked, answer: Answer) => void;
  readonly watch: (call: Watch) => void;
  readonly list: (call: Asked, answer: Answer) => void;
};

export function createHealth({ services, ready, pollMs, calls, onThrown }: HealthOptions): Health {
  const names = new Set(["", ...services]);
  const implementation = new HealthImplementation();
  const said = new Map<string, boolean>();
  const watches = new Watches(calls);
  let stopped = false;

  function refresh(): void {
    for (const name of names) {
      const serving = !stopped && isReady(ready, name);
      // Telling watchers what they know would wake them for nothing.
      if (said.get(name) !== serving) {
        said.set(name, serving);
        implementation.setStatus(name, serving ? "SERVING" : "NOT_SERVING");
      }
    }
  }

  /** Answers a call of `name` as any other: on its caller's budgets. */
  function ask(name: "Check" | "List", run: Handlers["check"]): Handlers["check"] {
    const method = healthMethod(name);
    return (asked, answer) => {
      try {
        const call = calls.openBeside(asked, method);
        refresh();
        run(asked, answer);
        call.progress(true);
      } catch (thrown) {
        answer(toStatus(toRuntimeError(thrown)));
      }
    };
  }

  refresh();
  const poll = setInterval(() => guarded(refresh, onThrown), pollMs).unref();
  return {
    addTo(server) {
      implementation.addToServer(fresh(server, { names, refresh, ask, begin: (watch) => watches.begin(watch) }));
    },
    stopServing() {
      stopped = true;
      clearInterval(poll);
      refresh();
    },
    endWatches() {
      stopped = true;
      clearInterval(poll);
      watches.end(new RuntimeError("unavailable", "the server is going down"));
    },
  };
}

/** The watches that are open. */
class Watches {
  readonly #calls: OpenCalls;
  readonly #open = new Set<Watch>();
  readonly #method = healthMethod("Watch");

  constructor(calls: OpenCalls) {
    this.#calls = calls;
  }

  /** Whether the watch was let in. */
  begin(watch: Watch): boolean {
    try {
      const call = this.#calls.openBeside(watch, this.#method);
      this.#open.add(watch);
      watch.once("cancelled", () => this.#open.delete(watch));
      call.signal.addEventListener("abort", () => {
        if (call.stopped !== undefined && !watch.cancelled) {
          watch.emit("error", toStatus(call.stopped));
        }
      });
      return true;
    } catch (thrown) {
      watch.emit("error", toStatus(toRuntimeError(thrown)));
      return false;
    }
  }

  end(error: RuntimeError): void {
    for (const watch of this.#open) {
      watch.emit("error", toStatus(error));
    }
  }
}

/** A readiness that cannot be told is none. */
function isReady(ready: (service: string) => boolean, name: string): boolean {
  try {
    return ready(name);
  } catch {
    return false;
  }
}

interface Fresh {
  readonly names: ReadonlySet<string>;
  readonly refresh: () => void;
  /** Lets a call of Check or List in, which `run` answers by what is so now. */
  readonly ask: (name: "Check" | "List", run: Handlers["check"]) => Handlers["check"];
  /** Lets a watch in, or answers false where it has refused it. */
  readonly begin: (watch: Watch) => boolean;
}

/**
 * The server as the implementation sees it: what it adds looks at the readiness first, and its
 * watches are let in here.
 */
function fresh(server: Server, { names, refresh, ask, begin }: Fresh): Server {
  const addService: Server["addService"] = (definition, added) => {
    const { check, watch, list } = added as unknown as Handlers;
    const wrapped = {
      check: ask("Check", check),
      watch: (call: Watch) => {
        refresh();
        if (!begin(call)) {
          return;
        }
        if (names.has(call.request.service)) {
          watch(call);
        } else {
          // The implementation would keep the name for good, and a caller may make up any.
          call.write({ status: "SERVICE_UNKNOWN" });
        }
      },
      list: ask("List", list),
    };
    server.addService(definition, wrapped as unknown as UntypedServiceImplementation);
  };
  return { addService } as unknown as Server;
}
