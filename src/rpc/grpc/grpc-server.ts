import { type ConnectionInjector, Server, type ServerCredentials } from "@grpc/grpc-js";
import { guarded } from "../../domain/guarded.ts";
import type { LongWorks } from "../../engine/concurrency/long-work.ts";
import type { Access } from "../auth/access.ts";
import { gateRequests, peerOf } from "../auth/gate.ts";
import type { Budgets } from "../budgets/budgets.ts";
import { type CallHook, chainHooks } from "../calls/call-hooks.ts";
import { cutTimeoutsOf } from "../calls/long-timeouts.ts";
import { OpenCalls } from "../calls/open-calls.ts";
import { StreamLimit } from "../calls/stream-limit.ts";
import { type CarrierLog, thrownTo } from "../carrier-log.ts";
import { CertifiedConnections } from "../connections/client-trust.ts";
import { ConnectionLimit, DEFAULT_LIMIT } from "../connections/connection-limit.ts";
import { type Admission, type Listener, listen } from "../connections/listener.ts";
import { grpcCredentials, RenewableCredentials, type TlsMaterial } from "../connections/tls.ts";
import { BytesInFlight, MOST_IN_FLIGHT } from "../intake/bytes-in-flight.ts";
import { meterRequests } from "../intake/grpc-intake.ts";
import { LARGEST_REQUEST } from "../intake/request-size.ts";
import { tellOfLimit } from "../limit-refusal.ts";
import type { Service } from "../service.ts";
import { callersFaults } from "./callers-faults.ts";
import { eagerWrites } from "./eager-writes.ts";
import { beginInTurns, boundSessions } from "./grpc-floods.ts";
import { grpcDefinition, grpcHandlers } from "./grpc-methods.ts";
import { onSessions } from "./grpc-sessions.ts";
import { createHealth, type Health } from "./health.ts";
import { addReflection } from "./reflection.ts";

export interface GrpcServerOptions {
  /** "127.0.0.1:50051"; port 0 takes a free one. */
  readonly address: string;
  readonly services: readonly Service[];
  /**
   * Whether a service, by its full name (the server as a whole: ""), can do its work now; health
   * follows it. Cheap.
   */
  readonly ready: (service: string) => boolean;
  readonly log: CarrierLog;
  /** Absent: plaintext. */
  readonly tls?: TlsMaterial;
  /** Who may call what, health and reflection included; absent: anyone anything. */
  readonly access?: Access;
  /**
   * Hooks of every call of `services`, the first outermost. Health and reflection are not among
   * them.
   */
  readonly hooks?: readonly CallHook[];
  /** Most streams open at once; 200. */
  readonly maxStreams?: number;
  /** In place of `maxStreams`, where other servers share the places. */
  readonly streams?: StreamLimit;
  /**
   * What each caller may use at once; absent: anything. Given to several servers, callers have one
   * budget at all.
   */
  readonly budgets?: Budgets;
  /** A reader that takes nothing for so long loses its connection, ms; 30 s. */
  readonly stallMs?: number;
  /**
   * A connection that is silent for so long is pinged, and closed where it stays silent as long
   * again, ms; 30 s.
   */
  readonly keepaliveMs?: number;
  /** Largest request, bytes; 16 MiB. Most methods take less: see intake/request-size.ts. */
  readonly maxReceiveBytes?: number;
  /**
   * Bounds open connections; 1,000 of this server alone. Given to several servers, they share the
   * places.
   */
  readonly connections?: ConnectionLimit;
  /**
   * A connection must have sent its TLS hello and HTTP/2 preface in full after this time, ms; 10 s.
   */
  readonly settleMs?: number;
  /**
   * Bounds the bytes of requests; 64 MiB of this server alone. Given to several servers, they share
   * them.
   */
  readonly inFlight?: BytesInFlight;
  /** Among which requests are decoded. */
  readonly longWorks: LongWorks;
  /** A request must have come in full after this time, ms; 30 s. */
  readonly requestMs?: number;
  /** How often watchers of health hear of changes, ms; 250. */
  readonly healthPollMs?: number;
}

export interface GrpcServer {
  /** As bound: "127.0.0.1:50051". */
  readonly address: string;
  readonly port: number;
  /**
   * Goes down in order: health says NOT_SERVING, new calls are refused with UNAVAILABLE, endless
   * streams end with it, the other calls finish. What is left after `graceMs` is cut off. Resolves
   * when everything is closed; asked again, answers the same.
   */
  drain(graceMs: number): Promise<void>;
  /**
   * Gives new connections another certificate and client authority. Open ones go on, but for those
   * whose client certificate a new authority does not know: they are closed. Answers how many.
   */
  renewTls(tls: TlsMaterial): number;
  /** Cuts everything off now. Idempotent. */
  close(): void;
}

/** What a connection gets to say goodbye once all its calls have ended, out of the grace. */
const GOODBYE_MS = 500;
/**
 * Calls open at once on one connection; beyond, its own client queues. A caller may have as many by
 * default.
 */
const MOST_CALLS_A_CONNECTION = 250;

/**
 * Serves services over gRPC, plain or over TLS, with reflection and health. Fails where the address
 * cannot be bound (see `listen`).
 */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const server = openServer(options, (method, peer, principal) => calls.bytesOf(method, peer, principal));
  const certified = new CertifiedConnections(options.tls?.clientCa);
  onSessions(server, (session) => {
    certified.add(session.socket, session);
    const { remoteAddress, remotePort } = session.socket;
    const place = listener.place(`${remoteAddress}:${remotePort}`);
    // The first that a client sends, behind the preface.
    session.once("remoteSettings", () => place?.settle());
    session.on("stream", (stream) => stream.once("close", () => session.closed && place?.abandon()));
  });
  // The port is our own, for grpc-js cannot close the connection of one call.
  const credentials = grpcCredentials(options.tls);
  const injector = server.createConnectionInjector(credentials);
  const listener = await listen(options.address, admissionOf(options), (socket) =>
    guarded(
      () => injector.injectConnection(socket),
      (error) => {
        thrownTo(options.log, "listener")(error);
        socket.destroy();
      },
    ),
  );
  const calls = new OpenCalls({
    streams: options.streams ?? new StreamLimit(options.maxStreams ?? 200),
    stallMs: options.stallMs ?? 30_000,
    evict: listener.evict,
    log: options.log,
    ...(options.access && { access: options.access }),
    ...(options.budgets && { budgets: options.budgets }),
  });
  const carrier = {
    calls,
    hook: chainHooks(options.hooks ?? []),
    log: options.log,
    longWorks: options.longWorks,
  };
  for (const service of options.services) {
    server.addService(grpcDefinition(service), grpcHandlers(service, carrier));
  }
  const health = createHealth({
    services: options.services.map(({ descriptor }) => descriptor.typeName),
    ready: options.ready,
    pollMs: options.healthPollMs ?? 250,
    calls,
    onThrown: thrownTo(options.log, "timer"),
  });
  health.addTo(server);
  addReflection(
    server,
    options.services.map(({ descriptor }) => descriptor.file),
    calls,
  );
  return running({ server, credentials, certified, injector, listener, calls, health });
}

/** grpc-js's server, with everything in front of it that looks at requests before handlers do. */
function openServer(options: GrpcServerOptions, bytesOf: OpenCalls["bytesOf"]): Server {
  const most = options.maxReceiveBytes ?? LARGEST_REQUEST;
  const inFlight = options.inFlight ?? new BytesInFlight(MOST_IN_FLIGHT);
  const server = new Server({
    "grpc.max_receive_message_length": most,
    "grpc.max_concurrent_streams": MOST_CALLS_A_CONNECTION,
    "grpc.keepalive_time_ms": options.keepaliveMs ?? 30_000,
    "grpc.keepalive_timeout_ms": options.keepaliveMs ?? 30_000,
    "grpc.enable_channelz": 0,
    interceptors: [
      callersFaults,
      meterRequests({
        inFlight,
        most,
        requestMs: options.requestMs ?? 30_000,
        onRefused: (stream, method, thrown) =>
          tellOfLimit(options.log, { method, peer: peerOf(stream), principal: principalOf(stream) }, thrown),
        bytesOf: (stream, method) => bytesOf(method, peerOf(stream), principalOf(stream)),
      }),
      eagerWrites,
    ],
  });
  cutTimeoutsOf(server);
  const principalOf = options.access ? gateRequests(server, options.access, options.log) : () => undefined;
  beginInTurns(server, thrownTo(options.log, "listener"));
  boundSessions(server);
  return server;
}

function admissionOf({ connections, settleMs }: GrpcServerOptions): Admission {
  return {
    connections: connections ?? new ConnectionLimit(DEFAULT_LIMIT),
    settleMs: settleMs ?? 10_000,
    hearsProbes: false,
  };
}

interface Parts {
  readonly server: Server;
  readonly credentials: ServerCredentials;
  readonly certified: CertifiedConnections;
  readonly injector: ConnectionInjector;
  readonly listener: Listener;
  readonly calls: OpenCalls;
  readonly health: Health;
}

function running(parts: Parts): GrpcServer {
  const { server, credentials, certified, injector, listener, calls, health } = parts;
  let drained: Promise<void> | undefined;
  const close = (): void => {
    health.endWatches();
    calls.stop();
    server.forceShutdown();
    listener.close();
  };
  const drain = async (graceMs: number): Promise<void> => {
    const end = performance.now() + graceMs;
    health.stopServing();
    await calls.drain(graceMs);
    health.endWatches();
    listener.stop();
    // Says goodbye on every connection, and lets what has been written reach it.
    injector.destroy();
    await listener.empty(Math.min(Math.max(end - performance.now(), 0), GOODBYE_MS));
    close();
  };
  return {
    address: listener.address,
    port: listener.port,
    drain: (graceMs) => {
      drained ??= drain(graceMs);
      return drained;
    },
    renewTls(tls) {
      if (credentials instanceof RenewableCredentials) {
        credentials.renew(tls);
      }
      return certified.renew(tls.clientCa);
    },
    close,
  };
}
