import type { JsonValue } from "@bufbuild/protobuf";
import fc from "fast-check";

/** Keys of the contract, of other schemas, and any others. */
const key = fc.oneof(
  fc.constantFrom(
    ..."strategy strategies strategyId strategy_id id conditions entry_indicators name operator value indicator params".split(
      " ",
    ),
    ..."timeframe cooldown cooldown_minutes labels tags symbols side status base_size_usd stopLossPct validate_only".split(
      " ",
    ),
    ..."bars openTime at config indicators position version __proto__ constructor toString".split(" "),
  ),
  fc.string({ unit: "binary", maxLength: 9 }),
);

const leaf = fc.oneof(
  fc.constantFrom<JsonValue>(
    null,
    true,
    0,
    -0,
    30,
    1e308,
    "LONG",
    "side_long",
    "5m",
    "300s",
    "2%",
    "30",
    "RSI < 30",
    "",
  ),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.string({ unit: "binary", maxLength: 9 }),
);

/** JSON that looks more or less like a request. */
export const noise: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(key, tie("value"), { maxKeys: 6 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries) as JsonValue),
  ),
})).value;
