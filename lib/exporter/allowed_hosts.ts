/**
 * Which names a client may call this server by. A web page whose name is made to resolve to this machine
 * (DNS rebinding) is allowed by browsers to read what a server there answers, but its requests name that
 * page's host.
 *
 * @module
 */

import { isIP } from "node:net";

/**
 * True if a `Host` header is one that no foreign page can send: an IP address, `localhost`, or one of
 * these names. Without the header it is no browser.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(isAllowedHost("127.0.0.1:9187", []), true);
 * assert.equal(isAllowedHost("db1:9187", ["db1"]), true);
 * assert.equal(isAllowedHost("evil.example.com", ["db1"]), false);
 * ```
 */
export function isAllowedHost(header: string | undefined, names: readonly string[]): boolean {
  if (header === undefined) return true;
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::\d{1,5})?$/.exec(header) ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6;
  if (plain === undefined) return false;
  const name = bareName(plain);
  return isIP(name) === 4 || name === "localhost" || names.some((one) => bareName(one) === name);
}

/** Names differ neither by case nor by a dot at the end. */
function bareName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
