import type { Measured } from "./run.ts";

const MIB = 2 ** 20;
/** What may come with a decision that the journal in memory keeps, bytes. */
const A_DECISION = 4_096;
const HEAP_SLACK = 8 * MIB;
/** Pages that were used once may stay with the process. */
const RESIDENT_SLACK = 64 * MIB;

/**
 * Why memory is not flat between two moments; undefined measures are of a process that has ended.
 */
export function memoryFault(before: Measured | undefined, after: Measured | undefined): readonly string[] {
  if (before === undefined || after === undefined) {
    return [];
  }
  const kept = (after.decisions - before.decisions) * A_DECISION;
  const heapLimit = before.heap * 1.1 + HEAP_SLACK + kept;
  const residentLimit = before.resident * 1.25 + RESIDENT_SLACK + kept;
  return [
    ...(after.heap > heapLimit ? [`the heap grew from ${mib(before.heap)} to ${mib(after.heap)}`] : []),
    ...(after.resident > residentLimit
      ? [`resident memory grew from ${mib(before.resident)} to ${mib(after.resident)}`]
      : []),
  ];
}

export function memoryText(before: Measured | undefined, after: Measured | undefined): string {
  if (before === undefined || after === undefined) {
    return "memory: the process ended";
  }
  const heap = `heap ${mib(before.heap)} after the first tenth of the calls, ${mib(after.heap)} at the end`;
  const buffers = `buffers and the embedded database ${mib(before.buffers)} and ${mib(after.buffers)}`;
  const resident = `resident ${mib(before.resident)} and ${mib(after.resident)}`;
  return `memory: ${heap}; ${buffers}; ${resident}; ${after.decisions - before.decisions} decisions were kept between`;
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
