import { expect, test } from "vitest";
import { CELLS, isPressed, LINE, PRESSED_IN } from "../../lib/repl/sync_state.ts";

test("Ctrl-C counts for the line in which it was pressed, however late its key is read", () => {
  const cells = new Int32Array(new SharedArrayBuffer(4 * CELLS));
  const begin = () => Atomics.add(cells, LINE, 1);
  begin();
  expect(isPressed(cells)).toBe(false);
  const line = Atomics.load(cells, LINE);
  Atomics.store(cells, PRESSED_IN, line);
  expect(isPressed(cells)).toBe(true);
  begin();
  expect(isPressed(cells)).toBe(false);
  Atomics.store(cells, PRESSED_IN, line); // the thread that reads keys was late
  expect(isPressed(cells)).toBe(false);
});
