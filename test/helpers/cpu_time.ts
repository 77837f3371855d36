/**
 * How long this process has worked: unlike the time of a clock, it does not grow with what else the machine
 * does.
 *
 * @module
 */

import process from "node:process";

/** User and system time since the process began, in milliseconds. */
export function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
