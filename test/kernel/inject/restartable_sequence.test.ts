import { expect, test } from "vitest";
import { resumedAt } from "../../../lib/kernel/inject/restartable_sequence.ts";
import { FakeMemory } from "../../helpers/fake_memory.ts";

const AREA = 0x1000;
const DESCRIPTION = 0x1100;

/** A thread with a sequence from 0x5000 to before 0x5020, to be begun again at 0x6000. */
function memoryWith(current: number): FakeMemory {
  const memory = new FakeMemory(AREA, 0x200);
  const view = new DataView(memory.bytes.buffer);
  view.setBigUint64(8, BigInt(current), true);
  [0x5000n, 0x20n, 0x6000n].forEach((word, i) =>
    view.setBigUint64(DESCRIPTION - AREA + 8 + i * 8, word, true)
  );
  return memory;
}

test.each([
  ["within its sequence", 0x5000n, 0x6000n],
  ["at its last byte", 0x501fn, 0x6000n],
  ["behind it", 0x5020n, 0x5020n],
  ["before it", 0x4fffn, 0x4fffn],
])("resumedAt() of a thread %s", (_, address, expected) => {
  expect(resumedAt(memoryWith(DESCRIPTION), AREA, address)).toBe(expected);
});

test("resumedAt() leaves a thread alone that is in no sequence, or knows none", () => {
  expect(resumedAt(memoryWith(0), AREA, 0x5000n)).toBe(0x5000n);
  expect(resumedAt(memoryWith(DESCRIPTION), 0, 0x5000n)).toBe(0x5000n);
});
