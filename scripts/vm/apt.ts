import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { Architecture } from "./architectures.ts";
import { withCacheFolder } from "./cache.ts";
import { runTool } from "./run_tool.ts";
import { VmError } from "./vm_error.ts";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** One archive folder that apt reads: the URI before `/dists/`, and the suite after it. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
}

/** One version of a package that an index offers. */
export interface PackageVersion {
  readonly version: string;
  /** The names in its Depends field. */
  readonly depends: readonly string[];
}

/** apt over its own package index, apart from the machine's: nothing is ever installed. */
export interface Apt {
  /** The versions that the index offers, the newest first; none when it does not know the name. */
  versions(name: string): Promise<PackageVersion[]>;
  /** Downloads exactly these packages (`name` or `name=version`) and returns the .deb paths. */
  download(names: readonly string[]): Promise<string[]>;
  /** Downloads these packages and all that they depend on. */
  downloadWithDependencies(names: readonly string[]): Promise<string[]>;
}

/** The sources that the machine's apt is set up with, read without any network. */
export async function machineSources(): Promise<AptSource[]> {
  const listed = await runTool("apt-get", ["update", "--print-uris"]);
  const sources = listed.matchAll(/^'(\S+?)\/*\/dists\/([^/']+)\/InRelease'/gm);
  return [...sources].map(([, uri, suite]) => ({ uri, suite }));
}

/**
 * Runs `use` with an index of `sources` for an architecture that is downloaded for it alone, and thrown away after it:
 * so no lock is shared with other runs, and none with the machine's apt, and no root is needed.
 *
 * @throws {VmError} when a source cannot be read, for example without network.
 */
export async function withApt<T>(
  sources: readonly AptSource[],
  architecture: Architecture,
  signal: AbortSignal | undefined,
  use: (apt: Apt) => Promise<T>,
): Promise<T> {
  return await withCacheFolder(async (folder) => {
    for (const part of ["lists/partial", "cache/archives/partial", "deb"]) {
      await mkdir(join(folder, part), { recursive: true });
    }
    const signed = existsSync(KEYRING) ? `signed-by=${KEYRING}` : "";
    const lines = sources.map(({ uri, suite }) =>
      `deb [arch=${architecture.name} ${signed}] ${uri} ${suite} main`
    );
    await writeFile(join(folder, "sources.list"), lines.join("\n") + "\n");
    await writeFile(join(folder, "status"), ""); // nothing counts as installed
    const settings = [
      `Dir::Etc::SourceList=${folder}/sources.list`,
      "Dir::Etc::SourceParts=-",
      `Dir::State=${folder}`,
      `Dir::State::Lists=${folder}/lists`,
      `Dir::State::status=${folder}/status`,
      `Dir::Cache=${folder}/cache`,
      `APT::Sandbox::User=${userInfo().username}`, // root may own the folder: do not drop to _apt
      `APT::Architecture=${architecture.name}`,
      `APT::Architectures=${architecture.name}`, // not also those that dpkg would name
      "Debug::NoLocking=true",
      "Acquire::Languages=none",
      "APT::Update::Error-Mode=any", // without it a source that fails is only a warning
    ].flatMap((setting) => ["-o", setting]);
    const apt = (tool: string, ...args: string[]) =>
      runTool(tool, [...args, ...settings], { cwd: join(folder, "deb"), signal });
    const debs = async (path: string) =>
      (await readdir(path)).filter((name) => name.endsWith(".deb")).map((name) => join(path, name));

    await apt("apt-get", "update", "-qq").catch((cause) => {
      signal?.throwIfAborted();
      const suites = sources.map(({ suite }) => suite).join(", ");
      throw new VmError(`cannot read the package index of ${suites}: ${cause.message}`, { cause });
    });
    return await use({
      versions: async (name) => parseVersions(await apt("apt-cache", "show", name).catch(() => "")),
      download: async (names) => {
        await apt("apt-get", "download", "-qq", ...names);
        return await debs(join(folder, "deb"));
      },
      downloadWithDependencies: async (names) => {
        const flags = ["-qq", "-y", "--download-only", "--no-install-recommends"];
        await apt("apt-get", "install", ...flags, ...names);
        return await debs(join(folder, "cache", "archives"));
      },
    });
  });
}

/** Reads `apt-cache show`, which lists the newest version first. */
export function parseVersions(shown: string): PackageVersion[] {
  return shown.split(/\n\n+/).flatMap((stanza) => {
    const version = /^Version: (\S+)/m.exec(stanza)?.[1];
    if (version === undefined) return [];
    const depends = /^Depends: (.*)/m.exec(stanza)?.[1] ?? "";
    const names = depends.split(",").map((item) => item.trim().split(/[\s|(]/)[0]).filter(Boolean);
    return [{ version, depends: names }];
  });
}

/**
 * Unpacks a package into `root` without running any of its scripts. Folders that are links there
 * stay links (`/lib` to `/usr/lib`), as in a system that is installed.
 */
export async function unpack(deb: string, root: string, signal?: AbortSignal): Promise<void> {
  const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2" -f -';
  await runTool("sh", ["-ec", script, "sh", deb, root], { signal });
}
