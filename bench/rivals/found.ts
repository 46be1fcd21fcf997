/**
 * What a sweep comes to before gates that need state: pairs whose conditions hold, do not, or
 * cannot be known (R15).
 */
export interface Found {
  readonly met: number;
  readonly unmet: number;
  readonly unknown: number;
}
