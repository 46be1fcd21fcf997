/** Owner and permissions of a file. */
export interface FileMode {
  readonly uid: number;
  readonly mode: number;
}

const GROUP_WRITES_OR_RUNS = 0o030;
const GROUP = 0o070;
const OTHERS = 0o007;

/**
 * Why a file with a secret is open to too many; undefined where it is not. As PostgreSQL has it:
 * a file of one's own is for the owner alone, one of root's may be read by its group. Where the
 * file cannot be looked at, whoever reads it says so.
 */
export function openSecretFault(path: string, stat: (path: string) => FileMode): string | undefined {
  let found: FileMode;
  try {
    found = stat(path);
  } catch {
    return undefined;
  }
  const { uid, mode } = found;
  const forbidden = OTHERS | (uid === 0 ? GROUP_WRITES_OR_RUNS : GROUP);
  return (mode & forbidden) === 0
    ? undefined
    : `names ${path}, which others may use (mode ${(mode & 0o777).toString(8)}): chmod 600 it, or set READABLE_SECRETS=1 where nobody else is on this machine`;
}
