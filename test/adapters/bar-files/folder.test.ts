import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readBars } from "../../../src/adapters/bar-files/read-bars.ts";
import type { BarSource } from "../../../src/adapters/bar-files/reading.ts";
import { loadLibrary } from "../../../src/adapters/replay/library.ts";
import { zipped } from "./layouts/zip.ts";
import { csv, dir, hours, refusalOf } from "./own-folder.ts";

describe("a folder", () => {
  it("names what it leaves out, with the reason", async () => {
    for (const name of ["A-1h.json", "A-1h.parquet", "A-1h.csv.CHECKSUM", "A.xlsx", "A.7z", ".DS_Store"]) {
      await writeFile(join(dir, name), "?");
    }
    await writeFile(join(dir, "A-1h.csv"), csv(...hours(3)));
    const { skipped } = await loadLibrary(dir);
    expect(skipped.map(({ file, reason }) => `${file.replace(`${dir}/`, "")}: ${reason}`)).toEqual([
      "A-1h.csv.CHECKSUM: it is no file of bars (.csv, .tsv or .txt, as they are or in .gz or .zip)",
      "A-1h.json: JSON is not read: write it as CSV",
      "A-1h.parquet: columns in binary form are not read: write them as CSV",
      "A.7z: archives of this kind are not read: unpack it, or use .gz or .zip",
      "A.xlsx: spreadsheets are not read: save the sheet as CSV",
    ]);
  });

  it("leaves out a text that is no table, and what is no table in an archive", async () => {
    await writeFile(join(dir, "status.txt"), "no gaps of more than 60 s were found\n");
    await writeFile(
      join(dir, "A.zip"),
      zipped({ "A-1h.csv": csv(...hours(3)), "a.pdf": "?", "__MACOSX/._A-1h.csv": "?" }),
    );
    const { skipped, series } = await loadLibrary(dir);
    expect(series.map(({ files }) => files)).toEqual([[`${join(dir, "A.zip")}: A-1h.csv`]]);
    expect(skipped.map(({ file, reason }) => `${file.replace(`${dir}/`, "")}: ${reason}`)).toEqual([
      "A.zip: a.pdf: it is no file of bars (.csv, .tsv or .txt, as they are or in .gz or .zip)",
      "status.txt: it is a text without a table of bars",
    ]);
  });

  it("that is not there is refused with its whole path", async () => {
    await expect(loadLibrary("no/such/bars")).rejects.toThrow(
      `REPLAY_DIR: there is no folder ${join(process.cwd(), "no/such/bars")}; create it, or name the one that has the bars`,
    );
  });

  it("that is a file is refused, with the folder to name", async () => {
    await writeFile(join(dir, "A-1h.csv"), csv(...hours(3)));
    await expect(loadLibrary(join(dir, "A-1h.csv"))).rejects.toThrow(
      /A-1h.csv is a file; name the folder that it is in/,
    );
  });

  it("without a file of bars is refused, with what lies there instead", async () => {
    expect(await refusalOf({ "A-1h.parquet": "PAR1" })).toMatch(
      /has nothing to replay: put files of bars there, such as BTCUSDT-1h.csv; left out: 1, such as A-1h.parquet: columns in binary form/,
    );
  });
});

describe("a reader that goes on behind faults", () => {
  it("tells the first ones with their lines and counts the others", async () => {
    const rows = hours(300).map((row, i) => (i % 3 === 0 ? row.replace(",5", ",x") : row));
    const source: BarSource = {
      file: "A-1h.csv",
      names: ["A-1h.csv"],
      open: async function* () {
        yield Buffer.from(csv(...rows));
      },
    };
    const reading = await readBars(source, { mostFaults: 2 });
    expect(reading.faultCount).toBe(100);
    expect(reading.faults.map(({ line, text }) => `${line} ${text}`)).toEqual([
      '2 volume "x" is no decimal number; correct or remove the row',
      '5 volume "x" is no decimal number; correct or remove the row',
    ]);
    const [series] = reading.rows;
    expect(series?.bars.length).toBe(200);
    expect([...(series?.lines.slice(0, 3) ?? [])]).toEqual([3, 4, 6]);
  });
});
