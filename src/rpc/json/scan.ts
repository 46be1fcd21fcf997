/** What JSON.parse does not say: keys that come twice in one object, of which it keeps the last. */
export interface Scan {
  /** Paths to such keys, as keys and indexes. */
  readonly repeated: readonly (readonly (string | number)[])[];
  /** Whether it nests deeper than any message can. */
  readonly tooDeep: boolean;
}

/** As deep as protobuf reads messages (100), each in a list of its own. */
const DEEPEST = 200;
const MOST_REPEATED = 20;

interface Level {
  /** Keys so far; absent in a list. */
  readonly keys?: Set<string>;
  /** Where we are in it. */
  at: string | number;
}

/** Looks through a text that need not be JSON; the time is proportional to its length. */
export function scanJson(text: string): Scan {
  const levels: Level[] = [];
  const repeated: (string | number)[][] = [];
  let isKey = false;
  for (let i = 0; i < text.length; i++) {
    const level = levels.at(-1);
    switch (text[i]) {
      case "{":
        levels.push({ keys: new Set(), at: "" });
        isKey = true;
        break;
      case "[":
        levels.push({ at: 0 });
        isKey = false;
        break;
      case "}":
      case "]":
        levels.pop();
        isKey = false;
        break;
      case ",":
        if (typeof level?.at === "number") {
          level.at++;
        }
        isKey = level?.keys !== undefined;
        break;
      case '"': {
        const end = endOfText(text, i);
        if (isKey && level?.keys !== undefined) {
          level.at = textOf(text.slice(i, end + 1));
          if (level.keys.has(level.at) && repeated.length < MOST_REPEATED) {
            repeated.push(levels.map(({ at }) => at));
          }
          level.keys.add(level.at);
        }
        isKey = false;
        i = end;
        break;
      }
    }
    if (levels.length > DEEPEST) {
      return { repeated, tooDeep: true };
    }
  }
  return { repeated, tooDeep: false };
}

/** The index of the quotation mark that ends the text which starts at `start`. */
function endOfText(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') {
    i += text[i] === "\\" ? 2 : 1;
  }
  return i;
}

/** Two keys are equal also where one of them is written with escapes. */
function textOf(quotedText: string): string {
  if (!quotedText.includes("\\")) {
    return quotedText.slice(1, -1);
  }
  try {
    return JSON.parse(quotedText);
  } catch {
    return quotedText;
  }
}
