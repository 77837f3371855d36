/**
 * Lets the user choose which process to watch.
 *
 * @module
 */

import { choiceLines, foundChoices } from "../report/top/choice_text.ts";
import type { KernelAccess } from "../session/kernel_access.ts";
import { type Key, Screen } from "./screen.ts";
import { typedText } from "./typed_text.ts";

/** Between two looks at what is running. */
const REFRESH_MS = 2000;

/** Shows what is running until one is chosen; undefined if the user leaves. */
export async function chooseProcess(
  kernel: Pick<KernelAccess, "running" | "pageSizeBytes">,
): Promise<number | undefined> {
  const pageSizeBytes = kernel.pageSizeBytes();
  let [wanted, chosen]: [string, number | undefined] = ["", undefined];
  const found = () =>
    foundChoices(
      kernel.running().map(({ pid, command, program, residentPages }) => ({
        ...{ pid, command, program, residentBytes: residentPages * pageSizeBytes },
      })),
      wanted,
    );
  let choices = found();
  const draw = () => {
    if (!choices.some(({ pid }) => pid === chosen)) chosen = choices[0]?.pid;
    screen.draw(choiceLines(choices, chosen, wanted, screen.size));
  };
  const refresh = () => {
    choices = found();
    draw();
  };
  let leave: (pid: number | undefined) => void;
  const left = new Promise<number | undefined>((resolve) => leave = resolve);
  const move = (step: number) => {
    const at = choices.findIndex(({ pid }) => pid === chosen);
    chosen = choices[Math.max(0, Math.min(choices.length - 1, at + step))]?.pid;
    draw();
  };
  const onKey = (key: Key) => {
    const { name = "", ctrl } = key;
    const steps: Readonly<Record<string, number>> = { up: -1, down: 1, pageup: -10, pagedown: 10 };
    if (ctrl && (name === "c" || name === "d")) leave(undefined);
    else if (name === "escape" && wanted === "") leave(undefined);
    else if (/^(return|enter)$/.test(name) && chosen !== undefined) leave(chosen);
    else if (steps[name] !== undefined) move(steps[name]);
    else {
      wanted = typedText(wanted, key);
      refresh();
    }
  };
  const screen = new Screen({ onKey, onChange: draw });
  const timer = setInterval(refresh, REFRESH_MS);
  try {
    draw();
    return await left;
  } finally {
    clearInterval(timer);
    screen.close();
  }
}
