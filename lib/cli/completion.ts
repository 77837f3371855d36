/**
 * Completion in shells, from the same commands, options and topics as help.
 *
 * @module
 */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import tab from "@bomb.sh/tab/commander";
import { ShellCompDirective } from "@bomb.sh/tab";
import { print } from "./output.ts";
import { TOPICS } from "./topics.ts";

/** Adds the command `complete` to a program. */
export function addCompletion(program: CommandUnknownOpts): void {
  const root = tab(program as Parameters<typeof tab>[0]);
  root.commands.get("help")?.argument("topic", (complete) => {
    for (const command of program.commands) complete(command.name(), command.description());
    for (const { name, title } of TOPICS) complete(name, title);
  });
  // The library never lets a shell complete files. Where it knows nothing, it is a file that is named.
  Object.defineProperty(root, "directive", {
    get: () =>
      root.completions.length === 0
        ? ShellCompDirective.ShellCompDirectiveDefault
        : ShellCompDirective.ShellCompDirectiveNoFileComp,
    set() {},
  });
}

/** Registers bash's completion anew, so that files are completed where there is nothing else. */
export function completeFilesInBash(): void {
  print("complete -o default -F __softdirty_complete softdirty");
}
