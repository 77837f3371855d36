/**
 * Serves one page over HTTP.
 *
 * @module
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Registry } from "prom-client";
import { SoftdirtyError } from "../core/errors.ts";
import { hostText, type ListenAddress } from "./address.ts";
import { isAllowedHost } from "./allowed_hosts.ts";
import { Connections } from "./connections.ts";

/** More than a handful of scrapers is a mistake, or worse. */
const MOST_CONNECTIONS = 128;
const REQUEST_MS = 10_000;

/** A page that is served. */
export interface PageServer {
  /** With the port that was taken, if it was 0. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Listens.
 *
 * @param page makes the page for each request
 * @param allowedHosts names that clients may call it by, besides that of the address
 * @throws SoftdirtyError if listening there is not allowed, or the address is in use.
 */
export async function servePage(
  address: ListenAddress,
  page: () => Promise<string>,
  allowedHosts: readonly string[] = [],
): Promise<PageServer> {
  const names = [address.host, ...allowedHosts];
  const server = createServer({ connectionsCheckingInterval: 1000 }, (request, response) => {
    const send = (status: number, type: string, text: string) => {
      response.writeHead(status, {
        "Content-Type": type,
        "X-Content-Type-Options": "nosniff",
        // A scrape takes a moment; a connection that is kept takes the room of another one.
        Connection: "close",
      });
      response.end(text); // which node:http leaves out for HEAD
    };
    const plain = "text/plain; charset=utf-8";
    const path = request.url?.split("?")[0];
    if (!isAllowedHost(request.headers.host, names)) {
      send(
        403,
        plain,
        "This host name is not allowed; softdirty watch --allow-host NAME allows it\n",
      );
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      send(405, plain, "GET only\n");
    } else if (path === "/") send(200, plain, "softdirty watch: the page is /metrics\n");
    else if (path !== "/metrics") send(404, plain, "The page is /metrics\n");
    else {
      page().then(
        (text) => send(200, Registry.OPENMETRICS_CONTENT_TYPE, text),
        () => send(500, plain, "The page cannot be made\n"),
      );
    }
  });
  new Connections(server, MOST_CONNECTIONS);
  server.requestTimeout = server.headersTimeout = REQUEST_MS;
  await listening(server, address);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${hostText({ host: address.host, port })}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === "EADDRINUSE" ? "somebody listens there already" : cause.message;
      reject(
        new SoftdirtyError(
          "cannot-listen",
          `Cannot listen on ${hostText(address)}: ${reason}`,
          "Name another address, as in --openmetrics 127.0.0.1:9188",
          { cause },
        ),
      );
    });
    server.listen(address.port, address.host, resolve);
  });
}
