import { randomBytes } from "node:crypto";
import { access, mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

const DAY_MS = 24 * 60 * 60 * 1000;

/** The folder for kernels and root images: `$XDG_CACHE_HOME/softdirty/vm`, or below `~/.cache`. */
export function cacheRoot(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "softdirty", "vm");
}

/** Whether something stands at `path`. */
export async function exists(path: string): Promise<boolean> {
  return await access(path).then(() => true, () => false);
}

/**
 * Returns the cached file or folder `name`, made by `build` if it is not there yet.
 *
 * `build` writes to a private path that is renamed into place when done, so a reader never sees
 * half of it. Two runs may build the same entry at once; the later rename wins or yields, and both
 * are the same content, because `name` says everything that went into it.
 */
export async function cached(
  name: string,
  build: (temporaryPath: string) => Promise<void>,
): Promise<string> {
  const path = join(cacheRoot(), name);
  if (await exists(path)) {
    await markUsed(path).catch(() => {});
    return path;
  }
  await mkdir(dirname(path), { recursive: true });
  await withCacheFolder(async (folder) => {
    const temporary = join(folder, "entry");
    await build(temporary);
    await markUsed(temporary); // an unpacked package sets its own, old time
    await rename(temporary, path).catch(async (error) => {
      if (!await exists(path)) throw error;
    });
  });
  return path;
}

/** {@link prune} goes by the time of the last modification. */
async function markUsed(path: string): Promise<void> {
  await utimes(path, new Date(), new Date());
}

/** Runs `use` with a new folder on the cache's file system, and removes it afterwards. */
export async function withCacheFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(cacheRoot(), "tmp", randomBytes(8).toString("hex"));
  await mkdir(folder, { recursive: true });
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes the entries of the cache's folder `name` that have not been used for `days` days. */
export async function prune(name: string, days: number): Promise<void> {
  const folder = join(cacheRoot(), name);
  for (const entry of await readdir(folder).catch(() => [])) {
    const path = join(folder, entry);
    const usedMs = await stat(path).then((info) => info.mtimeMs, () => Infinity);
    if (Date.now() - usedMs > days * DAY_MS) await rm(path, { recursive: true, force: true });
  }
}
