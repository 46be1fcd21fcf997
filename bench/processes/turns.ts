/**
 * Measures turns of the event loop until the answer is called, which tells the longest, in ms of
 * this thread's own processor time: what other processes take does not count.
 */
export function watchTurns(): () => number {
  let longest = 0;
  let before = process.threadCpuUsage();
  let next: NodeJS.Immediate;
  const turn = () => {
    const { user, system } = process.threadCpuUsage(before);
    before = process.threadCpuUsage();
    longest = Math.max(longest, (user + system) / 1_000);
    next = setImmediate(turn);
  };
  next = setImmediate(turn);
  return () => {
    turn();
    clearImmediate(next);
    return longest;
  };
}
