/**
 * `softdirty import`: makes a trace of what other programs observed.
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { parseDurationMs, parsePageSize, parsePid } from "./arguments.ts";
import { plainJson, plainText } from "../core/plain_text.ts";
import { forceOption, outputName, printerFor } from "./output_options.ts";

const HELP = `
CRIU's images: name the folder of the newest dump, made with --track-mem and --prev-images-dir. Its
parents are found by their links; where these are lost, name all folders, oldest first.

Copies of /proc/PID/pagemap: name each with the copy of maps (or smaps) made beside it, oldest first.
A copy holds the entries of all mappings one after the other, or is sparse, with each entry where it
was in the original.

The first marks of the trace list its sources and what they lack: softdirty log FILE.`;

/** Builds the command. */
export function importCommand() {
  return new Command("import")
    .description("make a trace of CRIU's images, or of copies of /proc/PID/pagemap")
    .usage("-o FILE (DIR... | --pagemap FILE --maps FILE ...) [options]")
    .argument("[dir...]", "a folder that CRIU dumped into")
    .requiredOption("-o, --output <file>", "the trace to write; - is standard output")
    .addOption(forceOption())
    .option("--pagemap <file>", "a copy of /proc/PID/pagemap; again for the next copy", collect)
    .option(
      "--maps <file>",
      "the copy of maps or smaps beside it; again for the next copy",
      collect,
    )
    .option("-p, --pid <pid>", "process id to record (with --pagemap)", parsePid)
    .option("--command <name>", "name of that process (with --pagemap)")
    .option(
      "--cleared <duration>",
      "time between the last clear and each copy (with --pagemap)",
      parseDurationMs,
    )
    .option(
      "-i, --interval <duration>",
      "time between dumps or copies, if the files do not say",
      parseDurationMs,
    )
    .option(
      "--page-size <size>",
      "page size of the machine they come from (default: 4k)",
      parsePageSize,
    )
    .option("--json", "print JSON")
    .addHelpText("after", HELP)
    .action(async (folders, options, self) => {
      const { output, force, pagemap = [], maps = [], pid, command, cleared, interval, json } =
        options;
      if ((folders.length === 0) === (pagemap.length === 0)) {
        self.error("error: give one of DIR... and --pagemap FILE --maps FILE");
      }
      if (pagemap.length !== maps.length) {
        self.error(
          `error: give as many --maps as --pagemap: there are ${maps.length} and ${pagemap.length}`,
        );
      }
      const isOfCopies = [pid, command, cleared].some((value) => value !== undefined);
      if (folders.length > 0 && isOfCopies) {
        self.error(
          "error: --pid, --command and --cleared are for --pagemap: CRIU's images have them",
        );
      }
      const { assertCreatable } = await import("../files/outputs.ts");
      assertCreatable(output, { force, isBinary: true, makesFolders: true });
      const { importCopies, importCriu } = await import("../import/imports.ts");
      const shared = { force, intervalMs: interval, pageSizeBytes: options.pageSize };
      const copies = pagemap.map((file, i) => ({ pagemap: file, maps: maps[i] }));
      const source = { ...shared, pid, command, clearedMs: cleared };
      const imported = folders.length > 0
        ? await importCriu(folders, output, shared)
        : await importCopies(copies, output, source);
      const print = printerFor(output);
      if (json) return print(plainJson({ output, ...imported }));
      const { snapshotCount, processCount, remarks } = imported;
      print(
        `${snapshotCount} snapshots of ${processCount} ` +
          `${processCount === 1 ? "process" : "processes"} in ${plainText(outputName(output))}`,
      );
      for (const remark of remarks) print(`- ${plainText(remark)}`);
    });
}

function collect(value: string, values: string[] = []): string[] {
  return [...values, value];
}
