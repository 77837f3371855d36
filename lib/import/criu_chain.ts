/**
 * Which dumps of CRIU follow each other.
 *
 * @module
 */

import { lstatSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { ImportError } from "../core/errors.ts";
import { reasonOf } from "../files/system_reason.ts";

/** CRIU's link to the dump before, in each folder of images but the first. */
const PARENT = "parent";

/** Longer chains are a mistake: to restore from one, all of it is read. */
const MAX_DUMPS = 1000;

/**
 * The folders of a chain, oldest first: those that are named if they are several, or all that the one
 * leads back to.
 *
 * @throws ImportError if a folder or a parent is not there, they go in a circle, or the folders that
 * are named are known not to follow each other.
 */
export function criuChain(named: readonly string[]): string[] {
  return named.length === 1 ? ancestors(named[0]) : followingEachOther(named);
}

function ancestors(newest: string): string[] {
  const folders: string[] = [];
  const seen = new Set<string>();
  for (let next: string | undefined = newest; next !== undefined;) {
    const folder = resolved(next, folders[folders.length - 1]);
    if (seen.has(folder) || folders.length >= MAX_DUMPS) {
      const why = seen.has(folder) ? `${folder} comes again` : `there are more than ${MAX_DUMPS}`;
      throw new ImportError(
        "not-understood",
        newest,
        `The parents of ${newest} have no end: ${why}`,
        "List the folders yourself, oldest first",
      );
    }
    seen.add(folder);
    folders.push(folder);
    next = parentLink(folder);
  }
  return folders.reverse();
}

function followingEachOther(named: readonly string[]): string[] {
  const folders = named.map((folder) => resolved(folder));
  for (const [i, folder] of folders.entries()) {
    if (folders.indexOf(folder) !== i) {
      throw new ImportError("not-understood", folder, `${named[i]} is named twice`);
    }
    const link = i > 0 ? parentLink(folder) : undefined;
    const parent = link && realPath(link);
    if (parent !== undefined && parent !== folders[i - 1]) {
      throw new ImportError(
        "not-understood",
        folder,
        `The parent of ${named[i]} is ${parent}, and not ${named[i - 1]}`,
        "List all dumps of a chain, oldest first, or name the newest alone",
      );
    }
  }
  return folders;
}

/** Where the link to the parent lies; undefined if there is none. */
function parentLink(folder: string): string | undefined {
  const link = join(folder, PARENT);
  try {
    lstatSync(link);
    return link;
  } catch {
    return undefined; // or the folder cannot be read, which is reported when its images are read
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined; // the link was copied without what it leads to
  }
}

function resolved(folder: string, child?: string): string {
  try {
    return realpathSync(folder);
  } catch (cause) {
    const isParent = child !== undefined;
    throw new ImportError(
      isParent ? "incomplete" : "cannot-read",
      folder,
      isParent
        ? `The parent of ${child} is not there: ${folder}: ${reasonOf(cause)}`
        : `Cannot read ${folder}: ${reasonOf(cause)}`,
      isParent
        ? "Bring it too, or list the dumps that are there yourself, oldest first"
        : "Name the folder that CRIU dumped into (-D, --images-dir)",
      { cause },
    );
  }
}
