import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { runTool } from "./run_tool.ts";
import { VmError } from "./vm_error.ts";

/** What init writes on the status disk when the command has ended. */
export interface GuestStatus {
  readonly exitCode: number;
  /** Length in bytes of the tar of files to bring back, and its SHA-256 in hex; 0 and "-" if none. */
  readonly filesBytes: number;
  readonly filesSha256: string;
  readonly kernelRelease: string;
}

/** Reads the status disk; undefined when the guest has not written it with this boot's nonce. */
export function parseStatus(disk: Uint8Array, nonce: string): GuestStatus | undefined {
  const text = new TextDecoder("latin1").decode(disk).split("\n")[0];
  const match = /^(\S+) (\d+) (\d+) ([0-9a-f]{64}|-) (\S+)$/.exec(text);
  if (!match || match[1] !== nonce) return undefined;
  const [, , exitCode, filesBytes, filesSha256, kernelRelease] = match;
  return {
    exitCode: Number(exitCode),
    filesBytes: Number(filesBytes),
    filesSha256,
    kernelRelease,
  };
}

/**
 * Reads the files that the guest wrote as a tar on `disk`, by absolute guest path.
 *
 * @throws {VmError} when the bytes are not those that the guest summed up.
 */
export async function filesBack(
  disk: string,
  status: GuestStatus,
  folder: string,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  if (status.filesBytes === 0) return files;
  await truncate(disk, status.filesBytes);
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(disk)) hash.update(bytes);
  if (hash.digest("hex") !== status.filesSha256) {
    throw new VmError("the files that came back are damaged: their SHA-256 is not the guest's");
  }
  const unpacked = join(folder, "files");
  await mkdir(unpacked);
  await runTool("tar", ["-xf", disk, "-C", unpacked, "--no-same-owner", "--mode=u+rw"]);
  for (const entry of await readdir(unpacked, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(unpacked.length), await readFile(path));
  }
  return files;
}
