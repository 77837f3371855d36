/// <reference lib="dom" />
/**
 * Time × address on a canvas: wheel and drag zoom and move it, hovering describes a cell.
 *
 * @module
 */

import { formatAddress } from "../core/address.ts";
import { formatBytes, formatCount, formatDuration, formatShare } from "../report/units.ts";
import { element, section, shownName, widthOf } from "./dom.ts";
import { columnsIn, type Frame, type MapSize, moved, zoomed } from "./heat_frame.ts";
import { HeatLevels } from "./heat_levels.ts";
import type { Look, ViewFilter } from "./view_filter.ts";
import { SHADES, shadesInOrder } from "./shades.ts";
import type { ShownProcess } from "./unpacked.ts";

const HEIGHT = 420;

const HINT =
  "Turn the wheel to zoom, drag to move, double-click to see all again. With the keyboard: + and -, " +
  "arrows, and Enter to look at the time that is in view.";

/** The section. */
export function heatSection(process: ShownProcess, filter: ViewFilter): HTMLElement {
  const view = new HeatView(process, filter);
  filter.on((look) => view.look(look));
  const headline = filter.headline(process.verdicts.heat, (look) => heatHeadline(process, look));
  return section("heat", "When was which memory written?", headline, view.root);
}

/** Where most of the dirty pages of a part lie. */
function heatHeadline({ heat }: ShownProcess, { from, to, name }: Look): string {
  const { rows, names, counts, columns } = heat;
  const dirty = names.map(() => 0);
  for (const [i, row] of rows.entries()) {
    if (name !== undefined && names[row.name] !== name) continue;
    for (let column = from; column < to; column++) {
      dirty[row.name] += counts[i * columns.length + column];
    }
  }
  const most = dirty.indexOf(Math.max(...dirty));
  const all = dirty.reduce((sum, count) => sum + count, 0);
  if (all === 0) return "Nothing was written in this part";
  return `${formatCount(all)} pages were dirty in the windows of this part, ` +
    `${formatShare(dirty[most], all)} of them in ${shownName(names[most])}`;
}

class HeatView {
  readonly root: HTMLElement;
  readonly #canvas = element("canvas", {
    ...{ class: "map", tabindex: 0, role: "img", "aria-label": "heat map" },
  });
  readonly #text = element("p", { class: "sum", role: "status", id: "cell" });
  readonly #from = element("span", {});
  readonly #to = element("span", {});
  readonly #process: ShownProcess;
  readonly #filter: ViewFilter;
  #levels!: HeatLevels;
  /** The rows of the heat map that are looked at. */
  #rows: number[] = [];
  #frame: Frame = { x: 0, y: 0, width: 1, height: 1 };
  #look!: Look;
  #isDrawn = false;

  constructor(process: ShownProcess, filter: ViewFilter) {
    this.#process = process;
    this.#filter = filter;
    const scale = element("span", {}, "no page ", shadesInOrder(), " all pages dirty");
    const axis = element("p", { class: "axis" }, this.#from, scale, this.#to);
    this.root = element("div", { class: "heat" }, this.#canvas, axis, this.#text);
    new ResizeObserver(() => this.#later()).observe(this.root);
    this.#canvas.addEventListener("wheel", (event) => this.#zoomAt(event), { passive: false });
    this.#canvas.addEventListener(
      "pointerdown",
      (event) => this.#canvas.setPointerCapture(event.pointerId),
    );
    this.#canvas.addEventListener("pointermove", (event) => this.#point(event));
    this.#canvas.addEventListener("dblclick", () => this.look(this.#look));
    this.#canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  look(look: Look): void {
    this.#look = look;
    const { rows, names, columns } = this.#process.heat;
    this.#rows = rows.flatMap(({ name }, i) =>
      look.name === undefined || names[name] === look.name ? [i] : []
    );
    this.#levels = new HeatLevels(this.#process.heat, this.#rows);
    const from = Math.min(look.from, columns.length - 1);
    this.#frame = { x: from, y: 0, width: look.to - from, height: this.#size.rows };
    this.#text.textContent = HINT;
    this.#later();
  }

  #later(): void {
    if (this.#isDrawn) return;
    this.#isDrawn = true;
    requestAnimationFrame(() => {
      this.#isDrawn = false;
      this.#draw();
    });
  }

  #draw(): void {
    const startMs = performance.now();
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(widthOf(this.root) * ratio), Math.round(HEIGHT * ratio)];
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    const context = this.#canvas.getContext("2d")!;
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    this.#levels.paint(pixels, width, height, this.#frame, SHADES);
    context.putImageData(image, 0, 0);
    this.#drawNames(context, ratio);
    const { startNs, endNs } = this.#timeInView;
    this.#from.textContent = formatDuration(startNs);
    this.#to.textContent = formatDuration(endNs);
    this.root.dataset.paintMs = String(performance.now() - startMs);
  }

  get #size(): MapSize {
    return { columns: this.#process.heat.columns.length, rows: Math.max(1, this.#rows.length) };
  }

  get #timeInView(): { readonly startNs: number; readonly endNs: number } {
    const [first, last] = columnsIn(this.#frame, this.#size);
    const { columns } = this.#process.heat;
    return { startNs: columns[first].startNs, endNs: columns[last].endNs };
  }

  /** Names each mapping that is high enough in view. */
  #drawNames(context: CanvasRenderingContext2D, ratio: number): void {
    const { names, rows } = this.#process.heat;
    const { y, height } = this.#frame;
    const perRow = context.canvas.height / height;
    const [size, last] = [12 * ratio, Math.min(this.#rows.length, Math.ceil(y + height))];
    context.font = `${size}px system-ui, sans-serif`;
    context.textBaseline = "top";
    for (let first = Math.floor(y); first < last;) {
      const { name } = rows[this.#rows[first]];
      let end = first + 1;
      while (end < last && rows[this.#rows[end]].name === name) end++;
      const top = Math.max(0, (first - y) * perRow);
      const room = Math.min(context.canvas.height, (end - y) * perRow) - top;
      if (room < size * 1.4) {
        first = end;
        continue;
      }
      const page = rows[this.#rows[Math.max(first, Math.floor(y))]].start;
      const address = formatAddress(page, this.#process.heat.pageSizeBytes);
      const text = `${address} ${shownName(names[name]).slice(-48)}`;
      const box = context.measureText(text).width + size;
      context.fillStyle = "rgb(0 0 0 / 0.6)";
      context.fillRect(0, top, box, size * 1.4);
      context.fillStyle = "#fff";
      context.fillText(text, size / 2, top + size * 0.2);
      first = end;
    }
  }

  #zoomAt(event: WheelEvent): void {
    event.preventDefault();
    const [x, y] = this.#at(event);
    this.#zoom(event.deltaY > 0 ? 1.25 : 0.8, x, y);
  }

  #zoom(factor: number, x: number, y: number): void {
    this.#frame = zoomed(this.#frame, this.#size, factor, x, y);
    this.#later();
  }

  #move(columns: number, rows: number): void {
    this.#frame = moved(this.#frame, this.#size, columns, rows);
    this.#later();
  }

  #point(event: PointerEvent): void {
    const box = this.#canvas.getBoundingClientRect();
    if (event.buttons === 1) {
      const { width, height } = this.#frame;
      this.#move(-event.movementX / box.width * width, -event.movementY / box.height * height);
      return;
    }
    this.#describe(...this.#at(event));
  }

  /** The column and the row under the pointer. */
  #at({ clientX, clientY }: MouseEvent): [x: number, y: number] {
    const box = this.#canvas.getBoundingClientRect();
    const { x, y, width, height } = this.#frame;
    return [
      x + (clientX - box.left) / box.width * width,
      y + (clientY - box.top) / box.height * height,
    ];
  }

  #describe(x: number, y: number): void {
    const { heat } = this.#process;
    const [column, number] = [Math.floor(x), this.#rows[Math.floor(y)]];
    const time = heat.columns[column];
    if (time === undefined || number === undefined) return;
    const row = heat.rows[number];
    const dirty = heat.counts[number * heat.columns.length + column];
    const { windowCount, startNs, endNs, firstSnapshot, lastSnapshot } = time;
    const snapshots = firstSnapshot === lastSnapshot
      ? `snapshot ${firstSnapshot}`
      : `snapshots ${firstSnapshot} to ${lastSnapshot}`;
    const bytes = formatBytes((row.end - row.start) * heat.pageSizeBytes);
    this.#text.textContent = `${formatAddress(row.start, heat.pageSizeBytes)} (${bytes}) in ` +
      `${shownName(heat.names[row.name])}, ${formatDuration(startNs)} to ${
        formatDuration(endNs)
      } (${snapshots}): ` +
      `${formatCount(dirty)} dirty ${dirty === 1 ? "page" : "pages"} in ${
        formatCount(windowCount)
      } ` +
      `${windowCount === 1 ? "window" : "windows"}`;
  }

  #key(event: KeyboardEvent): void {
    const { x, y, width, height } = this.#frame;
    const steps: Record<string, () => void> = {
      ArrowLeft: () => this.#move(-width / 8, 0),
      ArrowRight: () => this.#move(width / 8, 0),
      ArrowUp: () => this.#move(0, -height / 8),
      ArrowDown: () => this.#move(0, height / 8),
      "+": () => this.#zoom(0.8, x + width / 2, y + height / 2),
      "-": () => this.#zoom(1.25, x + width / 2, y + height / 2),
      Enter: () => {
        const { startNs, endNs } = this.#timeInView;
        this.#filter.time(startNs, endNs);
      },
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    step();
    const frame = this.#frame;
    this.#describe(frame.x + frame.width / 2, frame.y + frame.height / 2);
  }
}
