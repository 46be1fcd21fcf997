/**
 * Exit code of a process that a fault of its own has ended (EX_SOFTWARE of sysexits.h): a
 * supervisor starts it again.
 */
export const FAULT_EXIT_CODE = 70;

/** What nobody has caught. The process must end: nobody knows what state it is in. */
export interface Uncaught {
  readonly error: unknown;
  /** "an exception" or "a rejected promise". */
  readonly what: string;
}

/** Tells of every exception and rejection that nobody catches, and resolves with the first. */
export function uncaught(tell: (uncaught: Uncaught) => void): Promise<Uncaught> {
  return new Promise((resolve) => {
    const take = (what: string) => (error: unknown) => {
      resolve({ error, what });
      tell({ error, what });
    };
    process.on("uncaughtException", take("an exception"));
    process.on("unhandledRejection", take("a rejected promise"));
  });
}
