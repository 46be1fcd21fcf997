import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { zipped } from "./layouts/zip.ts";
import { csv, HEADER, HOUR, hours, refusalOf, T0 } from "./own-folder.ts";

describe("a row is refused, with the setting, the file, the line, the column, the text and what to do:", () => {
  const rows: readonly [string, string, string][] = [
    ["no time", "yesterday,1,1,1,1,1", 'open_time "yesterday" is no time'],
    [
      "a day that does not exist",
      "2024-02-30T00:00:00Z,1,1,1,1,1",
      'open_time "2024-02-30T00:00:00Z" is no day of the calendar',
    ],
    [
      "an hour that does not exist",
      "2024-02-28T24:00:00Z,1,1,1,1,1",
      'open_time "2024-02-28T24:00:00Z" has "24:00:00Z" behind the day, which is no time such as 13:30',
    ],
    ["a part of a ms", `${T0 / 1000}.0005,1,1,1,1,1`, "has parts of a ms, at which no bar opens"],
    ["a part of a ms in ns", `${T0}000001,1,1,1,1,1`, "has parts of a ms, at which no bar opens"],
    [
      "a number of no unit",
      "1500,1,1,1,1,1",
      'open_time "1500" is no time from 1980 to 2100 in any unit (1970-01-01T00:25:00Z in s, 1970-01-01T00:00:01.500Z in ms',
    ],
    [
      "a number that may be seconds or an hour",
      "2024010100,1,1,1,1,1",
      'open_time "2024010100" may be 2034-02-20T01:01:40Z in seconds, or an hour as YYYYMMDDHH; name the column unix_s, or write 2024-01-01 00:00',
    ],
    [
      "a time whose digits a spreadsheet cut",
      "1.70674E+12,1,1,1,1,1",
      "is a number whose last digits were cut; write it without exponent",
    ],
    ["a spreadsheet's day count", "45322.9166666667,1,1,1,1,1", "looks like a day count of a spreadsheet"],
    [
      "a minute that does not exist",
      "2024-01-31T22:60:00Z,1,1,1,1,1",
      'has "22:60:00Z" behind the day, which is no time',
    ],
    ["a month that does not exist", "2024-13-01T00:00:00Z,1,1,1,1,1", "is no day of the calendar"],
    ["a year long ago", "0024-01-31T22:00:00Z,1,1,1,1,1", "is no day of the calendar"],
    ["a year of two digits", "31/01/24 22:00,1,1,1,1,1", "has a year of two digits; write four"],
    [
      "a zone by name",
      "2024-01-31 22:00:00 EST,1,1,1,1,1",
      'has the zone "EST", which may have several offsets; write UTC or one such as +01:00',
    ],
    [
      "a bar off the grid",
      "2024-01-31T22:30:00Z,1,1,1,1,1",
      'open_time "2024-01-31T22:30:00Z" is not a multiple of 1h since 1970 (UTC), where bars of 1h open; correct',
    ],
    ["a text for a number", `${T0},1,NaN,1,1,1`, 'high "NaN" is no decimal number; correct or remove the row'],
    ["a blank number", `${T0},1,,1,1,1`, 'high "" is no decimal number; correct or remove the row'],
    [
      "a comma that may be of thousands",
      `${T0},1,"1,234",1,1,1`,
      'high "1,234" is no decimal number, and may have decimals or thousands behind its comma',
    ],
    ["a price of 0", `${T0},1,2,0,1,1`, "low is 0, must be finite and above 0"],
    ["a number too large", `${T0},1,1e999,1,1,1`, "high is Infinity, must be finite and above 0"],
    ["a low above the open", `${T0},1,2,3,1,1`, "low 3 is above open 1 or close 1"],
    ["a negative volume", `${T0},1,2,1,1,-1`, "volume is -1, must be finite and not negative"],
    ["too few values", `${T0},1,1,1,1`, "has 5 values, must have 6, as the header"],
    ["too many values", `${T0},1,1,1,1,1,1`, "has 7 values, must have 6, as the header"],
    ["a quote that is not closed", `"${T0},1,1,1,1,1`, "has a quote that is not closed"],
  ];
  it.each(rows)("%s", async (_, row, message) => {
    const refusal = await refusalOf({ "A-1h.csv": csv(hours(1, T0 - HOUR)[0] ?? "", row) });
    expect(refusal.startsWith("REPLAY_DIR: A-1h.csv line 3: ")).toBe(true);
    expect(refusal).toContain(message);
  });

  it("decimals behind a comma beside those behind a point, in a file with semicolons", async () => {
    const text = "time;open;high;low;close;volume\n1706738400;1,5;2,5;1;2;10\n1706742000;1.5;2,5;1;2;10\n";
    expect(await refusalOf({ "A-1h.csv": text })).toBe(
      'REPLAY_DIR: A-1h.csv line 3: open "1.5" is no decimal number; correct or remove the row',
    );
  });

  it("wrong order of columns, where no header names them", async () => {
    expect(await refusalOf({ "A-1h.csv": `${T0},100,101,103,99,5\n` })).toMatch(
      /A-1h.csv line 1: low 103 is above open 100 or close 99; without a header the columns are time, open, high/,
    );
  });
});

describe("a file is refused", () => {
  const files: readonly [string, Readonly<Record<string, string | Uint8Array>>, RegExp][] = [
    [
      "without a header that is known",
      { "A-1h.csv": "when,o,h,l,c,v\n1,2,3,4,5,6\n" },
      /A-1h.csv line 1: the header "when,o,h,l,c,v" lacks a column for time; columns have names such as open_time/,
    ],
    [
      "that only says when bars close",
      { "A-1h.csv": "close_time,open,high,low,close\n" },
      /only has the one at which they close/,
    ],
    [
      "with two columns for one price",
      { "A-1h.csv": "time,open,high,low,close,close\n" },
      /has 2 columns for close; rename all but one/,
    ],
    [
      "with volumes of which none is surely that of the base",
      { "A-1h.csv": "time,open,high,low,close,Volume BTC,Volume USD\n" },
      /has "volume btc" and "volume usd", and volume counts units of what is traded/,
    ],
    [
      "of eight columns without a header",
      { "A-1h.csv": `${T0},1,2,1,1,1,5,7\n` },
      /line 1: there is no header, and the meaning of 8 columns is not known; add a first line/,
    ],
    [
      "of seven, where the sixth may be a mean price",
      { "A-1h.csv": `${T0},10,20,10,10,15,7\n` },
      /column 6 of 7 may be a volume or another price/,
    ],
    [
      "of six columns without a header, where the last may be a price",
      { "A-1d.csv": "2024-01-30,10,20,10,12,12.5\n2024-01-31,12,20,10,15,14\n" },
      /A-1d.csv line 1: there is no header, and column 6 of 6 may be a volume or another price; add a first line/,
    ],
    [
      "with two times of one name",
      { "A-1h.csv": "time,time,open,high,low,close\n" },
      /has 2 columns for time; rename all but one/,
    ],
    ["with two volumes of one name", { "A-1h.csv": "time,open,high,low,close,vol,vol\n" }, /has 2 columns for volume/],
    [
      "of hours by its name, whose rows only have days",
      { "A-1h.csv": "date,open,high,low,close,volume\n2024-01-30,1,1,1,1,1\n2024-01-31,1,1,1,1,1\n" },
      /A-1h.csv: bars of 1h are expected, and its rows have a day and no time of day; name the file …-1d/,
    ],
    [
      "whose volumes alone have commas that may be of thousands",
      { "A-1h.csv": `time;open;high;low;close;volume\n${T0};1;1;1;1;1,234\n` },
      /A-1h.csv line 2: "1,234" may be with decimals or with thousands/,
    ],
    [
      "that is no table",
      { "A-1h.csv": "<html><body>404</body></html>\n" },
      /A-1h.csv line 1: "<html><body>404<\/body><\/html>" is neither a header such as open_time/,
    ],
    ["that is empty", { "A-1h.csv": "" }, /A-1h.csv: there is no bar; add some or remove the file/],
    ["that has a header alone", { "A-1h.csv": csv() }, /A-1h.csv: there is no bar/],
    [
      "without line ends",
      { "A-1h.csv": "1".repeat(200_000) },
      /A-1h.csv: cannot be read: a line has more than 65536 characters/,
    ],
    [
      "that is damaged",
      { "A-1h.csv.gz": gzipSync(csv(...hours(9))).subarray(0, 60) },
      /A-1h.csv.gz: cannot be read: unexpected end of file/,
    ],
    ["that is no gzip", { "A-1h.csv.gz": csv(...hours(9)) }, /A-1h.csv.gz: cannot be read: incorrect header check/],
    [
      "whose dates may be day/month or month/day in every row",
      { "A-1d.csv": "date,open,high,low,close,volume\n03/04/2024,1,1,1,1,1\n04/04/2024,1,1,1,1,1\n" },
      /A-1d.csv line 2: dates such as 03\/04\/2024 may be day\/month or month\/day, and no row of the file decides it/,
    ],
    [
      "whose dates contradict each other",
      { "A-1d.csv": "date,open,high,low,close,volume\n13/04/2024,1,1,1,1,1\n04/14/2024,1,1,1,1,1\n" },
      /A-1d.csv line 3: date "04\/14\/2024" is no day of the calendar/,
    ],
    [
      "whose commas may be decimal or of thousands",
      { "A-1h.csv": `time;open;high;low;close;volume\n${T0};1,234;1,300;1,200;1,250;5\n` },
      /A-1h.csv line 2: "1,234" may be with decimals or with thousands; write a decimal point/,
    ],
    [
      "that names bars of a length that there is not",
      { "A-7m.csv": csv(...hours(9)) },
      /A-7m.csv: its name says bars of 7m, which is no timeframe here/,
    ],
    ["of weeks", { "BTCUSDT-1w-2024.csv": csv(...hours(9)) }, /its name says bars of 1w/],
    [
      "whose name says no symbol",
      { "A B-1h.csv": csv(...hours(9)) },
      /A B-1h.csv: neither its name nor a column says the symbol; name the file SYMBOL-TIMEFRAME.csv/,
    ],
    [
      "whose timeframe nothing says, and two rows do not show",
      { "A.csv": csv(...hours(2)) },
      /A.csv: nothing says the timeframe, and its rows, 1 h apart, do not show it/,
    ],
    [
      "of weeks, where only the rows say it",
      { "A.csv": csv(...hours(9, Date.UTC(2024, 0, 1), 7 * 24 * HOUR)) },
      /its rows, 7 d apart, do not show it/,
    ],
    [
      "whose rows are longer bars than its name says",
      { "A-1m.csv": csv(...hours(30)) },
      /A-1m.csv: bars of 1m are expected, and its rows are 1 h apart; name the timeframe that it has/,
    ],
    [
      "whose name and symbol column differ",
      {
        "BTCUSDT-1h.csv": `symbol,${HEADER}\n${hours(3)
          .map((row) => `ETHUSDT,${row}`)
          .join("\n")}\n`,
      },
      /its name says BTCUSDT, its symbol column ETHUSDT: which one is it\?/,
    ],
    [
      "whose name and timeframe column differ",
      {
        "BTCUSDT-1h.csv": `interval,${HEADER}\n${hours(3, Date.UTC(2024, 0, 1), 4 * HOUR)
          .map((row) => `4h,${row}`)
          .join("\n")}\n`,
      },
      /its name says 1h, its column 4h/,
    ],
    [
      "whose column has no timeframe",
      { "A.csv": `interval,${HEADER}\nweekly,${hours(1)[0]}\n` },
      /A.csv line 2: interval "weekly" is no timeframe; write one such as 1m, 1h or 1d/,
    ],
    [
      "whose symbol column has none",
      { "A.csv": `symbol,interval,${HEADER}\nA B,1h,${hours(1)[0]}\n` },
      /the symbol column has "A B", must be 1 to 64 letters/,
    ],
  ];
  it.each(files)("%s", async (_, content, message) => {
    const refusal = await refusalOf(content);
    expect(refusal).toMatch(/^REPLAY_DIR: A|^REPLAY_DIR: BTCUSDT/);
    expect(refusal).toMatch(message);
  });

  it("in an archive that is damaged, with the file inside it", async () => {
    const whole = zipped({ "A-1h.csv": csv(...hours(30)) });
    expect(await refusalOf({ "A.zip": zipped({ "A-1h.csv": csv(...hours(30)) }, 7) })).toBe(
      "REPLAY_DIR: A.zip: A-1h.csv: cannot be read: the archive is damaged: its checksum is another one; download it again",
    );
    expect(await refusalOf({ "A.zip": whole.subarray(0, -9) })).toMatch(
      /A.zip: cannot be read: End of central directory/i,
    );
    expect(await refusalOf({ "A.zip": zipped({ "A-1h.csv": csv("x,1,1,1,1,1") }) })).toMatch(
      /^REPLAY_DIR: A.zip: A-1h.csv line 2: open_time "x" is no time/,
    );
  });

  it("that has another bar than a file before it, with both places", async () => {
    const [first = "", second = ""] = hours(2);
    const files = { "A-1h-2024-01.csv": csv(first, second), "A_1h.csv": csv(second.replace(",5", ",6")) };
    expect(await refusalOf(files)).toBe(
      "REPLAY_DIR: A-1h-2024-01.csv line 3 and A_1h.csv line 2 have different bars of A 1h at 2024-01-31T23:00:00.000Z; remove one of the two",
    );
  });

  it("that has two bars of one time itself", async () => {
    const [first = ""] = hours(1);
    expect(await refusalOf({ "A-1h.csv": csv(first, first.replace(",5", ",6")) })).toContain(
      "A-1h.csv line 2 and A-1h.csv line 3 have different bars of A 1h",
    );
  });
});
