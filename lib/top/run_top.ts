/**
 * `top` on a terminal, from taking it to giving it back.
 *
 * @module
 */

import process from "node:process";
import { topLines } from "../report/top/top_text.ts";
import type { TopFeed } from "./feed.ts";
import { Screen } from "./screen.ts";
import { TopView } from "./top_view.ts";

/** Between two drawings at least. */
const FRAME_MS = 50;

/**
 * Shows a feed until the user leaves. What its end leaves stays to be looked at.
 *
 * @param pid the process whose mappings are shown first
 */
export async function runTop(feed: TopFeed, pid?: number): Promise<void> {
  const view = new TopView(feed, pid);
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const draw = () => {
    timer = undefined;
    screen.draw(topLines(view.look(), { ...screen.size, hasBlocks: hasBlocks() }));
  };
  const drawSoon = () => {
    timer ??= setTimeout(draw, FRAME_MS);
  };
  const screen = new Screen({
    onKey(key) {
      if (view.key(key)) drawSoon();
      else stop.abort();
    },
    onChange: drawSoon,
  });
  try {
    draw();
    const left = new Promise<void>((resolve) =>
      stop.signal.addEventListener("abort", () => resolve())
    );
    await Promise.all([feed.run(drawSoon, stop.signal), left]);
  } finally {
    clearTimeout(timer);
    screen.close();
  }
}

/** True if block characters arrive as such. */
export function hasBlocks(env: NodeJS.ProcessEnv = process.env): boolean {
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || "");
}
