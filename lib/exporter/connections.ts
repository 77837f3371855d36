/**
 * The connections of a server, so that no client can keep others out: there is always room for one more.
 *
 * @module
 */

import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Keeps the latest connections of a server. */
export class Connections {
  readonly #limit: number;
  /** In the order in which they came. */
  readonly #open = new Set<Socket>();
  readonly #answering = new Set<Socket>();

  /** @param limit so many are open at most */
  constructor(server: Server, limit: number) {
    this.#limit = limit;
    server.on("connection", (socket: Socket) => {
      if (this.#open.size >= this.#limit) this.#makeRoom();
      this.#open.add(socket);
      socket.once("close", () => {
        this.#open.delete(socket);
        this.#answering.delete(socket);
      });
    });
    server.on("request", ({ socket }: { socket: Socket }, response: ServerResponse) => {
      this.#answering.add(socket);
      response.once("close", () => this.#answering.delete(socket));
    });
  }

  /** Closes the oldest one that waits for its client; if there is none, the oldest one. */
  #makeRoom(): void {
    const open = [...this.#open];
    const victim = open.find((socket) => !this.#answering.has(socket)) ?? open[0];
    this.#open.delete(victim);
    victim.destroy();
  }
}
