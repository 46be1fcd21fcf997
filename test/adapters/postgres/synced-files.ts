import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { dirname, join, relative } from "node:path";

/**
 * What a disk would have of a folder after a cut of power: of each file and folder what was synced.
 */
export interface SyncedFiles {
  /** What was synced so far, each time, by path within the folder. */
  readonly synced: readonly string[];
  /** Makes a folder as it would be found after a cut of power at this moment. */
  crashCopy(to: string): void;
  /** Stops looking. */
  stop(): void;
}

/**
 * Watches over all syncs of this process. What is in the folder now counts as synced; `onSync` is
 * called after each.
 */
export async function watchSyncs(folder: string, onSync: () => void = () => {}): Promise<SyncedFiles> {
  const disk = `${folder}.disk`;
  fs.cpSync(folder, disk, { recursive: true });
  const synced: string[] = [];
  const pathOf = pathsByFile(folder);
  const stop = await onEachSync((fd) => {
    const path = pathOf(fd);
    if (path !== undefined) {
      synced.push(relative(folder, path));
      keep(path, join(disk, relative(folder, path)));
      onSync();
    }
  });
  return {
    synced,
    crashCopy: (to) => fs.cpSync(disk, to, { recursive: true }),
    stop() {
      stop();
      fs.rmSync(disk, { recursive: true, force: true });
    },
  };
}

/** Calls after each sync of a file by this process, however it is made; the answer ends it. */
async function onEachSync(done: (fd: number) => void): Promise<() => void> {
  const real = { fsyncSync: fs.fsyncSync, fdatasyncSync: fs.fdatasyncSync };
  const noted = (sync: (fd: number) => void) => (fd: number) => {
    sync(fd);
    done(fd);
  };
  Object.assign(fs, { fsyncSync: noted(real.fsyncSync), fdatasyncSync: noted(real.fdatasyncSync) });
  syncBuiltinESMExports();
  const handle = await fs.promises.open(".");
  const handles: fs.promises.FileHandle = Object.getPrototypeOf(handle);
  await handle.close();
  const { sync } = handles;
  handles.sync = async function (this: fs.promises.FileHandle) {
    await sync.call(this);
    done(this.fd);
  };
  return () => {
    Object.assign(fs, real);
    syncBuiltinESMExports();
    handles.sync = sync;
  };
}

/**
 * A synced file is there with what it held; a synced folder has the names that it had, each with
 * what was synced of it.
 */
function keep(path: string, onDisk: string): void {
  if (!fs.statSync(path).isDirectory()) {
    fs.mkdirSync(dirname(onDisk), { recursive: true });
    fs.copyFileSync(path, onDisk);
    return;
  }
  fs.mkdirSync(onDisk, { recursive: true });
  const names = fs.readdirSync(path, { withFileTypes: true });
  for (const gone of fs.readdirSync(onDisk)) {
    if (!names.some(({ name }) => name === gone)) {
      fs.rmSync(join(onDisk, gone), { recursive: true });
    }
  }
  for (const entry of names.filter(({ name }) => !fs.existsSync(join(onDisk, name)))) {
    const target = join(onDisk, entry.name);
    if (entry.isDirectory()) {
      fs.mkdirSync(target);
    } else {
      fs.writeFileSync(target, "");
    }
  }
}

/** Finds the path of an open file within the folder; undefined where it lies elsewhere. */
function pathsByFile(folder: string): (fd: number) => string | undefined {
  let paths = new Map<number, string>();
  const known = (ino: number) => {
    const path = paths.get(ino);
    return path !== undefined && fs.lstatSync(path, { throwIfNoEntry: false })?.ino === ino ? path : undefined;
  };
  return (fd) => {
    const { ino } = fs.fstatSync(fd);
    if (known(ino) === undefined) {
      const inside = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
      const all = [folder, ...inside.map(({ parentPath, name }) => join(parentPath, name))];
      paths = new Map(all.map((path) => [fs.lstatSync(path).ino, path]));
    }
    return known(ino);
  };
}
