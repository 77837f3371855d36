/**
 * The man page, made of the commands and topics that there are; see man-pages(7) and groff_man(7).
 *
 * @module
 */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { VERSION } from "../core/version.ts";
import { EXAMPLES } from "./examples.ts";
import { TOPICS } from "./topics.ts";

/** The page for section 1, as troff. */
export function manPage(program: CommandUnknownOpts): string {
  return [
    `.TH SOFTDIRTY 1 "" "softdirty ${VERSION}" "User Commands"`,
    ".SH NAME",
    `softdirty \\- ${roff("which memory does this process write to?")}`,
    ".SH SYNOPSIS",
    ".B softdirty",
    ".I command",
    roff("[options] [arguments]"),
    ".SH DESCRIPTION",
    roff(
      "Reports, page by page, which memory a Linux process writes to: with the kernel's soft-dirty bits, " +
        "or, where a kernel has none, with userfaultfd. Live, or from a recording that is read later, " +
        "on another machine, without root.",
    ),
    ".SH COMMANDS",
    ...program.commands.flatMap((command) => commandLines(command, "")),
    ...TOPICS.flatMap(({ name, title, lines }) => [
      `.SH ${roff(name.toUpperCase())}`,
      roff(`${title[0].toUpperCase()}${title.slice(1)}.`),
      ...lines.flatMap(paragraph),
    ]),
    ".SH SEE ALSO",
    roff("proc_pid_pagemap(5), proc_pid_clear_refs(5), userfaultfd(2), criu(8)"),
    "",
  ].join("\n");
}

function commandLines(command: CommandUnknownOpts, above: string): string[] {
  const help = command.createHelp();
  const name = `${above}${command.name()}`;
  const options = help.visibleOptions(command).filter(({ long }) => long !== "--help");
  return [
    `.SS ${roff(`softdirty ${name} ${command.usage()}`.trim())}`,
    roff(`${help.subcommandDescription(command)}.`),
    ...help.visibleArguments(command).flatMap((argument) =>
      tagged(help.argumentTerm(argument), help.argumentDescription(argument))
    ),
    ...options.flatMap((option) => tagged(help.optionTerm(option), help.optionDescription(option))),
    ...exampleLines(name),
    ...command.commands.flatMap((part) => commandLines(part, `${name} `)),
  ];
}

function exampleLines(name: string): string[] {
  const examples = EXAMPLES[name] ?? [];
  if (examples.length === 0) return [];
  const text = examples.length === 1 ? "Example:" : "Examples:";
  return [".PP", text, ".nf", ...examples.map(({ line }) => roff(`  ${line}`)), ".fi"];
}

function tagged(term: string, text: string): string[] {
  return [".TP", `.B ${roff(term)}`, roff(text)];
}

function paragraph(line: string): string[] {
  return line.startsWith("  ") ? [".nf", roff(line), ".fi"] : [".PP", roff(line)];
}

/** Text in which nothing is a request or an escape; a hyphen is one that can be copied. */
function roff(text: string): string {
  const safe = text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(
    /[^\x20-\x7e]/gu,
    special,
  );
  return safe.replace(/^(?=[.'])/, "\\&");
}

function special(character: string): string {
  return `\\[u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`;
}
