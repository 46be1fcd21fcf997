import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** The network between the service and a store: passes bytes on, at once, late, or not at all. */
export interface Link {
  /** The store's URL, by way of this link. */
  readonly url: string;
  /** Bytes that come from now on go on after so long, both ways, ms. 0: at once. */
  delay(ms: number): void;
  /** Bytes are taken and kept, the connections open, new ones too: what nobody on either side can see. */
  stall(): void;
  /** Resolves once a connection has ended since the stall: what was kept of it goes nowhere. */
  dropped(): Promise<void>;
  /** What was kept goes on, in order, and what comes goes at once again. */
  resume(): void;
  close(): Promise<void>;
}

type Pass = (bytes: Buffer, to: Socket) => void;

/** Opens a link to the server at the address that the URL names. */
export async function openLink(url: string): Promise<Link> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let lateMs = 0;
  let kept: (() => void)[] | undefined;
  let drop = Promise.withResolvers<void>();

  const pass: Pass = (bytes, to) => {
    const write = () => to.writable && to.write(bytes);
    if (kept !== undefined) {
      kept.push(write);
    } else if (lateMs > 0) {
      // Timers of one length fire in order, and so bytes stay in order.
      setTimeout(write, lateMs);
    } else {
      write();
    }
  };
  const server = createServer((near) => {
    join(near, connect(Number(target.port), target.hostname), pass, sockets);
    near.on("close", () => drop.resolve());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const own = new URL(url);
  own.port = String((server.address() as AddressInfo).port);
  return {
    url: own.href,
    delay(ms) {
      lateMs = ms;
    },
    stall() {
      kept ??= [];
      drop = Promise.withResolvers();
    },
    dropped: () => drop.promise,
    resume() {
      lateMs = 0;
      const waiting = kept ?? [];
      kept = undefined;
      for (const write of waiting) {
        write();
      }
    },
    close: () => closeAll(server, sockets),
  };
}

function join(near: Socket, far: Socket, pass: Pass, sockets: Set<Socket>): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    sockets.add(from);
    from.on("data", (bytes: Buffer) => pass(bytes, to));
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  }
}

async function closeAll(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) {
    socket.destroy();
  }
  server.close();
  await once(server, "close");
}
