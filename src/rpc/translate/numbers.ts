/**
 * int64 on the wire; 0 where the number is no integer, as a table that others write may hold it.
 */
export function toInt64(value: number): bigint {
  return Number.isSafeInteger(value) ? BigInt(value) : 0n;
}

/**
 * A number that is exact as far as a double can be; beyond that, the nearest end, which no counter
 * here ever reaches.
 */
export function fromInt64(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

/**
 * int32 on the wire; absent where the value is none. protobuf would throw, and one bad row would
 * hide all the others.
 */
export function toInt32(value: number | undefined): number | undefined {
  // Bitwise operators work on just these numbers.
  return value !== undefined && (value | 0) === value ? value : undefined;
}
