import { expect } from "vitest";
import { type ErrorCode, RuntimeError } from "../../src/domain/errors.ts";

/** Expects a promise to fail with a RuntimeError of this code; gives it back. */
export async function refusal(promise: Promise<unknown>, code: ErrorCode): Promise<RuntimeError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RuntimeError);
  expect(error).toMatchObject({ code });
  return error as RuntimeError;
}
