import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** The network between the service and a store: passes bytes on, at once, late, or not at all. */
export interface Link {
  /** The store's URL, by way of this link. */
  readonly url: string;
  /** Bytes that come from now on go on after so long, both ways, ms. 0: at once. */
  delay(ms: number): void;
  /**
   * Bytes are taken and kept, the connections open, new ones too: what nobody on either side can
   * see.
   */
  stall(): void;
  /** Resolves once a connection has ended since the stall: what was kept of it goes nowhere. */
  dropped(): Promise<void>;
  /** What was kept goes on, in order, and what comes goes at once again. */
  resume(): void;
  /**
   * Keeps back the next connection that says `text` to the store, from those bytes on; others go
   * on.
   */
  hold(text: string): Hold;
  close(): Promise<void>;
}

/** One connection whose bytes are on their way, and arrive late. */
export interface Hold {
  /** Resolves once there are bytes that are kept. */
  readonly held: Promise<void>;
  /**
   * The bytes arrive at the store, also where the service has closed the connection since. Resolves
   * once the store is done with them.
   */
  letGo(): Promise<void>;
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
  const holds: Holding[] = [];
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    let mine: Holding | undefined;
    const passOrHold: Pass = (bytes, to) => {
      if (mine === undefined && to === far) {
        const place = holds.findIndex(({ text }) => bytes.includes(text));
        mine = holds.splice(place, place < 0 ? 0 : 1)[0];
        mine?.begin(far);
      }
      if (mine === undefined) {
        pass(bytes, to);
      } else {
        mine.keep(bytes, to);
      }
    };
    join(near, far, passOrHold, sockets, () => mine?.isHeld ?? false);
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
    hold(text) {
      const holding = new Holding(text);
      holds.push(holding);
      return holding;
    },
    close: () => closeAll(server, sockets),
  };
}

/** Keeps one connection's bytes until they are let go. */
class Holding implements Hold {
  readonly text: string;
  readonly held: Promise<void>;
  readonly #begun = Promise.withResolvers<Socket>();
  readonly #kept: (() => void)[] = [];
  #isLetGo = false;

  constructor(text: string) {
    this.text = text;
    this.held = this.#begun.promise.then(() => undefined);
  }

  get isHeld(): boolean {
    return !this.#isLetGo;
  }

  begin(far: Socket): void {
    this.#begun.resolve(far);
  }

  keep(bytes: Buffer, to: Socket): void {
    const write = () => to.writable && to.write(bytes);
    if (this.#isLetGo) {
      write();
    } else {
      this.#kept.push(write);
    }
  }

  async letGo(): Promise<void> {
    const far = await this.#begun.promise;
    this.#isLetGo = true;
    for (const write of this.#kept.splice(0)) {
      write();
    }
    const gone = once(far, "close");
    far.end();
    await gone;
  }
}

/** `isHeld`: the far end must not notice that the near one has gone. */
function join(near: Socket, far: Socket, pass: Pass, sockets: Set<Socket>, isHeld: () => boolean): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    sockets.add(from);
    from.on("data", (bytes: Buffer) => pass(bytes, to));
    from.on("error", () => {});
    from.on("close", () => {
      sockets.delete(from);
      if (from !== near || !isHeld()) {
        to.destroy();
      }
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
