/**
 * A disk that is soon full.
 *
 * @module
 */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "./temporary_folder.ts";

/** A file system of 64 KiB; only root can mount one. */
export function smallDisk(): string | undefined {
  const folder = join(temporaryFolder(), "disk");
  mkdirSync(folder);
  const mounted =
    spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]).status === 0;
  if (!mounted) return undefined;
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
  return folder;
}
