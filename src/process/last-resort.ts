/** Exit code of a process that a fault of its own has ended (EX_SOFTWARE of sysexits.h): a supervisor starts it again. */
export const FAULT_EXIT_CODE = 70;

/** What nobody has caught. The process must end: nobody knows what state it is in. */
export interface Uncaught {
  readonly error: unknown;
  /** "an exception" or "a rejected promise". */
  readonly what: string;
}

/** Resolves with the first exception or rejection that nobody catches; later ones are told to `onLater`. */
export function uncaught(onLater: (uncaught: Uncaught) => void): Promise<Uncaught> {
  return new Promise((resolve) => {
    let isFirst = true;
    const take = (what: string) => (error: unknown) => {
      if (isFirst) {
        isFirst = false;
        resolve({ error, what });
      } else {
        onLater({ error, what });
      }
    };
    process.on("uncaughtException", take("an exception"));
    process.on("unhandledRejection", take("a rejected promise"));
  });
}
