/** How many values only begin the smoothing, by TA-Lib's two ways to begin. */
export const SHORT_START = 12;
export const LONG_START = 37;
/**
 * Values until the measured cycle has forgotten where it began, to 1e-12. Its length feeds back into
 * how it is measured, so that nothing bounds the number: the recordings needed up to 450.
 */
export const CYCLE_SETTLE = 600;
