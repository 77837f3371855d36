/**
 * Completion in shells, from the same commands, options and topics as help.
 *
 * @module
 */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import tab from "@bomb.sh/tab/commander";
import { ShellCompDirective } from "@bomb.sh/tab";
import { plainText } from "../core/plain_text.ts";
import { programName } from "../core/program.ts";
import { thisKernel } from "../session/kernel_access.ts";
import { print } from "./output.ts";
import { TOPICS } from "./topics.ts";

/** Adds the command `complete` to a program. */
export function addCompletion(program: CommandUnknownOpts): void {
  const root = tab(program as Parameters<typeof tab>[0]);
  root.commands.get("help")?.argument("topic", (complete) => {
    for (const command of program.commands) complete(command.name(), command.description());
    for (const { name, title } of TOPICS) complete(name, title);
  });
  let isFile = true;
  for (const command of root.commands.values()) {
    for (const option of command.options.values()) {
      const { value, isBoolean, handler } = option;
      if (isBoolean || FILES.has(value)) continue;
      option.handler = function (complete, options) {
        isFile = false;
        if (value === "pid") completePids(complete);
        else handler?.call(this, complete, options);
      };
    }
  }
  // The library never lets a shell complete files. Where it knows nothing, it is a file that is named.
  Object.defineProperty(root, "directive", {
    get: () =>
      root.completions.length === 0 && isFile
        ? ShellCompDirective.ShellCompDirectiveDefault
        : ShellCompDirective.ShellCompDirectiveNoFileComp,
    set() {},
  });
}

/** Options whose value is a file or a folder. */
const FILES: ReadonlySet<string> = new Set([
  ...["output", "replay", "cgroup", "pagemap", "maps"],
]);

function completePids(complete: (value: string, description: string) => void): void {
  for (const process of thisKernel().running()) {
    complete(String(process.pid), plainText(programName(process)));
  }
}

/**
 * Takes the `readonly` off the variables of bash's completion while it is printed: a shell that reads it
 * a second time would complain of each.
 *
 * @returns what ends that
 */
export function printOrdinaryVariables(): () => void {
  const log = console.log;
  console.log = (text: unknown) => log(String(text).replace(/^readonly (?=\w+=)/gm, ""));
  return () => console.log = log;
}

/**
 * Registers bash's completion again, so that files are completed where there is nothing else, and stands
 * in for the one function that it takes from Debian's package bash-completion.
 */
export function completeFilesInBash(): void {
  print(`declare -F _get_comp_words_by_ref >/dev/null || _get_comp_words_by_ref() {
    words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=\${words[cword]}; prev=\${words[cword-1]}
}
complete -o default -F __softdirty_complete softdirty`);
}
