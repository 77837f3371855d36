/**
 * All commands.
 *
 * @module
 */

import { Command, CommanderError } from "@commander-js/extra-typings";
import { ExpressionError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import { byMappingCommand } from "./by_mapping.ts";
import { compareCommand } from "./compare.ts";
import { diffCommand } from "./diff.ts";
import { doctorCommand } from "./doctor.ts";
import { addExamples, examplesText } from "./examples.ts";
import { exportCommand } from "./export.ts";
import { filterCommand } from "./filter.ts";
import { heatCommand } from "./heat.ts";
import { helpCommand, topicList } from "./help.ts";
import { hotCommand } from "./hot.ts";
import { importCommand } from "./import.ts";
import { infoCommand } from "./info.ts";
import { logCommand } from "./log.ts";
import { phasesCommand } from "./phases.ts";
import { planCommand } from "./plan.ts";
import { plainText } from "../core/plain_text.ts";
import { errorText } from "./output.ts";
import { reportUnread } from "./reading.ts";
import { repairCommand } from "./repair.ts";
import { rateCommand } from "./rate.ts";
import { recordCommand } from "./record.ts";
import { replCommand } from "./repl.ts";
import { reportCommand } from "./report.ts";
import { runCommand } from "./run.ts";
import { sqlCommand } from "./sql.ts";
import { topCommand } from "./top.ts";
import { watchCommand } from "./watch.ts";
import { wssCommand } from "./wss.ts";

const COMMANDS = [
  doctorCommand,
  recordCommand,
  topCommand,
  watchCommand,
  infoCommand,
  logCommand,
  diffCommand,
  filterCommand,
  rateCommand,
  wssCommand,
  heatCommand,
  hotCommand,
  byMappingCommand,
  phasesCommand,
  compareCommand,
  planCommand,
  importCommand,
  reportCommand,
  exportCommand,
  sqlCommand,
  repairCommand,
  replCommand,
  runCommand,
];

/** The program with all of them. */
function buildProgram() {
  const program = new Command("softdirty")
    .description("Which memory does this process write to?")
    .version(VERSION)
    .enablePositionalOptions()
    .showHelpAfterError("(see softdirty help COMMAND)")
    .configureOutput({
      outputError: (text, write) =>
        write(`${text.trimEnd().split("\n").map((line) => plainText(line)).join("\n")}\n`),
    })
    .addHelpText("after", `\n${topicList()}\n${examplesText("")}`)
    .helpCommand(false)
    .exitOverride();
  for (const build of [...COMMANDS, () => helpCommand(program)]) {
    const command = build().copyInheritedSettings(program).helpCommand(false).exitOverride();
    for (const part of command.commands) part.copyInheritedSettings(program).exitOverride();
    addExamples(command);
    program.addCommand(command);
  }
  return program;
}

/** Runs the command that the arguments name. */
export async function run(args: string[]): Promise<void> {
  watchOutput();
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  const isJson = own.includes("--json");
  const program = buildProgram();
  if (args[0] === "complete") {
    const { addCompletion, completeFilesInBash, printOrdinaryVariables } = await import(
      "./completion.ts"
    );
    addCompletion(program);
    for (const command of program.commands) {
      if (command.name() === "complete") addExamples(command);
    }
    if (args[1] === "bash") {
      const end = printOrdinaryVariables();
      program.hook("postAction", () => {
        end();
        completeFilesInBash();
      });
    }
  }
  try {
    await program.parseAsync(args, { from: "user" });
    if (await reportUnread(isJson)) process.exitCode ||= 1;
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    await reportUnread(isJson);
    process.stderr.write(`${errorText(error, isJson)}\n`);
    process.exitCode = error instanceof ExpressionError ? 2 : 1;
  }
}

/** A reader that has seen enough, such as head(1), closes the pipe; that is no failure. */
function watchOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") {
      process.stderr.write(`${errorText(error, false)}\n`);
      process.exitCode = 1;
    }
    process.exit();
  });
}
