import { TextDecoder } from "node:util";
import { RuntimeError } from "../../domain/errors.ts";

/** No row of bars is longer; a file without line ends must not fill the memory. */
const LONGEST_LINE = 65_536;

/**
 * The lines of a text, a batch for each chunk. UTF-8, or UTF-16 where its byte-order mark says so;
 * lines end in LF or CRLF. Fails with `invalid` where a line is far too long.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  let decoder: TextDecoder | undefined;
  let rest = "";
  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE) {
      throw new RuntimeError("invalid", `a line has more than ${LONGEST_LINE} characters: these are no rows of bars`);
    }
    yield lines.map(withoutReturn);
  }
  rest += decoder?.decode() ?? "";
  if (rest !== "") {
    yield [withoutReturn(rest)];
  }
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) {
    return "utf-16le";
  }
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

/** The values of a row, without blanks around them; undefined where a quote is not closed. */
export function cellsOf(line: string, separator: string): readonly string[] | undefined {
  return line.includes('"') ? quotedCells(line, separator) : line.split(separator);
}

/** RFC 4180, for rows of one line. */
function quotedCells(line: string, separator: string): readonly string[] | undefined {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    while (line[at] === " ") {
      at++;
    }
    if (line[at] === '"') {
      const end = closingQuote(line, at + 1);
      if (end === undefined) {
        return undefined;
      }
      cells.push(line.slice(at + 1, end).replaceAll('""', '"'));
      at = line.indexOf(separator, end);
    } else {
      const end = line.indexOf(separator, at);
      cells.push(line.slice(at, end < 0 ? undefined : end));
      at = end;
    }
    if (at < 0) {
      return cells;
    }
    at++;
  }
}

/** Two quotes inside a quoted text stand for one. */
function closingQuote(line: string, from: number): number | undefined {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 2)) {
    if (line[at + 1] !== '"') {
      return at;
    }
  }
  return undefined;
}
