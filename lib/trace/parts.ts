/**
 * The files of a rotated recording, of which some may not be what their names say: the recorder was
 * killed before it wrote a header, or another recording has the same name.
 *
 * @module
 */

import { isTraceError } from "../core/errors.ts";
import type { ByteSource, TraceProblem } from "./byte_source.ts";
import type { Part } from "./joined_store.ts";
import { openStore } from "./open_store.ts";

/** What can be read of a recording, and what cannot. */
export interface OpenedParts {
  /** At least one, all of the same recording. */
  readonly parts: readonly Part[];
  readonly problems: readonly TraceProblem[];
}

/**
 * Opens the files of a recording in their order. A file without a header is a torn record: it is reported,
 * and the others are opened. Of two recordings with the same name, the younger one is read, and the files
 * of the other one are reported.
 *
 * @param files what errors call each source
 * @throws TraceError if no file can be opened, or one needs a newer program.
 */
export function openParts(
  sources: readonly ByteSource[],
  files: readonly string[],
): OpenedParts {
  const opened: Part[] = [];
  const problems: TraceProblem[] = [];
  let first: unknown;
  for (const [i, source] of sources.entries()) {
    const file = files[i];
    try {
      opened.push({ store: openStore(source, file), file });
    } catch (error) {
      if (!isTraceError(error, "not-a-trace")) throw error;
      first ??= error;
      problems.push({ file, offset: 0, lengthBytes: source.sizeBytes, reason: NO_HEADER });
    }
  }
  if (opened.length === 0) throw first;
  const originOf = ({ store: { header } }: Part) => header.originUnixMs;
  const youngest = opened.reduce((latest, part) => Math.max(latest, originOf(part)), 0);
  const parts = opened.filter((part) => originOf(part) === youngest);
  for (const part of opened.filter((part) => originOf(part) !== youngest)) {
    const begun = new Date(originOf(part)).toISOString();
    const reason = `another recording, begun ${begun}: read it by its own name`;
    problems.push({ file: part.file, offset: 0, lengthBytes: 0, reason });
  }
  return { parts, problems };
}

const NO_HEADER = "no whole header, as if the recorder was killed when it began this file";
