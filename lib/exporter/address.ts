/**
 * Where to listen.
 *
 * @module
 */

import { isIPv6 } from "node:net";

/** A host and a port, as `listen` takes them. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `127.0.0.1:9187`, `[::1]:9187` or `9187`, which is on this machine alone.
 *
 * @returns undefined if it is none of them
 */
export function listenAddress(text: string): ListenAddress | undefined {
  const [, bracketed, plain, digits] = /^(?:(?:\[([^\]]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text) ??
    [];
  const port = Number(digits);
  if (digits === undefined || port > 65535) return undefined;
  if (bracketed !== undefined && !isIPv6(bracketed)) return undefined;
  return { host: bracketed ?? (plain || "127.0.0.1"), port };
}

/** The same for a URL. */
export function hostText({ host, port }: ListenAddress): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
