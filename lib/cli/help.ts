/**
 * `softdirty help`: commands, and topics that are none.
 *
 * @module
 */

import { Argument, Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { plainText } from "../core/plain_text.ts";
import { print } from "./output.ts";
import { type Topic, TOPICS } from "./topics.ts";

const WIDTH = 80;

/** Builds the command, for a program that has all others. */
export function helpCommand(program: CommandUnknownOpts) {
  return new Command("help")
    .description("explain a command or a topic")
    .addArgument(
      new Argument("[topic...]", "as in help record, help plan migrate or help costs"),
    )
    .option("--man", "print the man page")
    .addHelpText("after", `\n${topicList()}`)
    .action(async (words, { man }, self) => {
      if (man) {
        const { manPage } = await import("./man_page.ts");
        process.stdout.write(manPage(program));
        return;
      }
      const topic = TOPICS.find(({ name }) => words.length === 1 && name === words[0]);
      if (topic !== undefined) return print(topicText(topic));
      let command = program;
      for (const word of words) {
        const found = command.commands.find((one) => one.name() === word);
        if (found === undefined) {
          const asked = plainText(words.join(" "), 80);
          return self.error(`error: there is no command and no topic ${asked}\n${topicList()}`);
        }
        command = found;
      }
      command.outputHelp();
    });
}

/** A line for each topic. */
export function topicList(): string {
  const width = Math.max(...TOPICS.map(({ name }) => name.length));
  const lines = TOPICS.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`);
  return ["Topics (softdirty help TOPIC):", ...lines].join("\n");
}

function topicText({ name, title, lines }: Topic): string {
  const isVerbatim = (line: string | undefined) => line?.startsWith("  ") === true;
  const wrapped = lines.map((line, i) => {
    const text = isVerbatim(line) ? line : folded(line);
    return isVerbatim(line) && isVerbatim(lines[i + 1]) ? text : `${text}\n`;
  });
  return `${name}: ${title}\n\n${wrapped.join("\n").trimEnd()}`;
}

/** Broken into lines at spaces. */
function folded(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}
