/**
 * A process that calls the C library as each step says: a JSON line on standard input for each step,
 * a JSON line as the answer.
 *
 * It writes through memset(3) and reads through strnlen(3), each of one byte, and not through arrays
 * of the runtime, so that nothing but the step itself touches the memory.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { ForkedChild, writeFromVfork } from "./forked_child.ts";
import { call, type CallName, Failed, stayOnProcessor } from "./target_calls.ts";

/** One step. Addresses are of bytes. */
export type Step =
  | { do: "call"; name: CallName; args: Array<number | string> }
  /** Writes the byte at each address. */
  | { do: "write"; addresses: number[] }
  /** Reads the byte at each address. */
  | { do: "look"; addresses: number[] }
  /** Forks a child that does nothing until it gets a step; the result is its pid. */
  | { do: "fork" }
  /** Has the child write the byte at each address. */
  | { do: "childWrite"; addresses: number[] }
  /** Has a child of vfork(2) write the byte at each address, one child after the other. */
  | { do: "vforkWrite"; addresses: number[] }
  /** Ends the child. */
  | { do: "endChild" };

/** What a step came to: the result of a call, or the name of the error number. */
export type Answer = { result: number } | { errno: string };

let child: ForkedChild | undefined;
let writes = 0;

function take(step: Step): number {
  switch (step.do) {
    case "call":
      return call(step.name, ...step.args);
    case "write":
      writes++;
      for (const address of step.addresses) call("memset", address, 1 + writes % 255, 1);
      return 0;
    case "look":
      return step.addresses.reduce((sum, address) => sum + call("strnlen", address, 1), 0);
    case "fork":
      child = new ForkedChild();
      return child.pid;
    case "childWrite":
      for (const address of step.addresses) child!.write(address);
      return 0;
    case "vforkWrite":
      step.addresses.forEach(writeFromVfork);
      return 0;
    case "endChild":
      child!.end();
      return 0;
  }
}

stayOnProcessor();
for await (const line of createInterface({ input: process.stdin })) {
  let answer: Answer;
  try {
    answer = { result: take(JSON.parse(line) as Step) };
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    answer = { errno: error.message };
  }
  console.log(JSON.stringify(answer));
}
