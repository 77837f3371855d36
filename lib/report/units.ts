/**
 * Numbers as a person reads them.
 *
 * @module
 */

const GROUPED = new Intl.NumberFormat("en-US");
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** `1,234,567`. */
export function formatCount(count: number): string {
  return GROUPED.format(count);
}

/** `1 page`, `586 pages`. */
export function formatPages(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "page" : "pages"}`;
}

/** Three significant digits and a binary unit: `2.29 MiB`. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : threeDigits(value)} ${BYTE_UNITS[unit]}`;
}

/** Three significant digits and the unit that suits: `1.20 s`, `310 µs`. */
export function formatDuration(ns: number): string {
  if (ns < 0) return `-${formatDuration(-ns)}`;
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${threeDigits(ns / 1e3)} µs`;
  if (ns < 1e9) return `${threeDigits(ns / 1e6)} ms`;
  if (ns < 120e9) return `${threeDigits(ns / 1e9)} s`;
  const seconds = Math.round(ns / 1e9);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h} h ${m} min` : `${m} min ${s} s`;
}

/** Bytes over a time, each second: `11.1 MiB/s`. */
export function formatRate(bytes: number, durationNs: number): string {
  return `${formatBytes(Math.round(bytes / durationNs * 1e9))}/s`;
}

const BIT_UNITS = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"];

/** Three significant digits and a decimal unit, as links are sold: `10.0 Gbit/s`. */
export function formatBitRate(bytesPerSecond: number): string {
  let unit = 0;
  let value = bytesPerSecond * 8;
  while (value >= 1000 && unit < BIT_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${threeDigits(value)} ${BIT_UNITS[unit]}`;
}

/** A part of a whole: `14.3 %`; `<0.1 %` for little, `–` of nothing. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return "–";
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 0.1) return "<0.1 %";
  return `${percent.toFixed(percent === 0 || percent === 100 ? 0 : 1)} %`;
}

function threeDigits(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}
