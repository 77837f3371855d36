/**
 * The outcome of a run of tests: how many passed, and which failed by name, so that the last lines of a
 * long log show what to look for in it.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";

export interface Outcome {
  readonly passed: number;
  /** A line for each that failed: where, what, and how its failure begins. */
  readonly failures: readonly string[];
}

/** What is read of the file that `vitest --reporter=json` writes. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const firstLine = (text = ""): string => stripVTControlCharacters(text).trim().split("\n")[0];

function failuresOf(what: string, report: VitestReport): string[] {
  return report.testResults.filter(({ status }) => status === "failed").flatMap((file) => {
    const where = `${what}: ${file.name}`;
    const failed = file.assertionResults.filter(({ status }) => status === "failed");
    // A file that could not be loaded has a message and no tests.
    if (failed.length === 0) return [`${where}: ${firstLine(file.message)}`];
    return failed.map(({ fullName, failureMessages }) =>
      `${where} > ${fullName}: ${firstLine(failureMessages[0])}`
    );
  });
}

/** What vitest counted, of its report. A run that ended badly without a failing test counts as one. */
export function outcomeOf(what: string, report: string | undefined, exitCode: number): Outcome {
  if (report === undefined) {
    return { passed: 0, failures: [`${what}: ended with ${exitCode} before it printed a result`] };
  }
  const parsed = JSON.parse(report) as VitestReport;
  const failures = failuresOf(what, parsed);
  if (failures.length === 0 && exitCode !== 0) {
    failures.push(`${what}: ended with ${exitCode}, though no test failed`);
  }
  return { passed: parsed.numPassedTests, failures };
}
