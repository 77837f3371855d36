/**
 * redis-server, with a client that asks without end and checks each answer.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LineProgram } from "./lines.ts";
import { assertSame, type LiveTarget } from "./targets.ts";

const KEYS = 512;
/** Sums in floating point, in redis's own interpreter. */
const SUM = `local x, s = 0.123456789, 0
for i = 1, 500 do x = 3.99999 * x * (1 - x); s = s + math.sqrt(x) * math.sin(i * x) end
return string.format("%.17g", s)`;

/** Starts one without a file or a port. */
export async function startRedis(program: string): Promise<LiveTarget> {
  const folder = mkdtempSync(join(tmpdir(), "softdirty-redis-"));
  const path = join(folder, "socket");
  const server = new LineProgram([
    ...[program, "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no"],
    ...["--dir", folder, "--logfile", join(folder, "log")],
  ]);
  const client = new RedisClient(await connected(path));
  const load = new RedisLoad(client);
  await load.round();
  const running = load.run();
  return {
    pid: server.pid,
    check: () => load.moreRounds(2),
    async end() {
      load.isEnding = true;
      await running;
      client.close();
      await server.end();
      rmSync(folder, { recursive: true });
    },
  };
}

async function connected(path: string): Promise<Socket> {
  for (let i = 0; i < 500; i++) {
    const socket = connect(path);
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    if (isOpen) return socket;
    await sleep(20);
  }
  throw new Error("redis-server does not listen");
}

/** Numbers, texts and simple strings of RESP are all that is asked for. */
class RedisClient {
  readonly #socket: Socket;
  readonly #waiting: ((answer: string) => void)[] = [];
  #text = "";

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1").on("data", (text: unknown) => {
      this.#text += text;
      for (let answer; (answer = this.#next()) !== undefined;) this.#waiting.shift()!(answer);
    });
  }

  ask(...words: string[]): Promise<string> {
    const text = words.map((word) => `$${word.length}\r\n${word}\r\n`).join("");
    this.#socket.write(`*${words.length}\r\n${text}`);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#socket.destroy();
  }

  #next(): string | undefined {
    const end = this.#text.indexOf("\r\n");
    if (end < 0) return undefined;
    const head = this.#text.slice(1, end);
    if (this.#text[0] !== "$") return this.#take(end + 2, head);
    const valueEnd = end + 2 + Number(head);
    if (this.#text.length < valueEnd + 2) return undefined;
    return this.#take(valueEnd + 2, this.#text.slice(end + 2, valueEnd));
  }

  #take(length: number, answer: string): string {
    this.#text = this.#text.slice(length);
    return answer;
  }
}

class RedisLoad {
  readonly #client: RedisClient;
  isEnding = false;
  #rounds = 0;
  #sum: string | undefined;
  #failure: unknown;
  #onRound = () => {};

  constructor(client: RedisClient) {
    this.#client = client;
  }

  /** Writes, counts and reads each key, and has a sum made. */
  async round(): Promise<void> {
    const round = ++this.#rounds;
    const keys = Array.from({ length: KEYS }, (_, i) => `key:${i}`);
    const written = keys.map((key) => this.#client.ask("SET", key, `${key} in ${round}`));
    const counted = keys.map((key) => this.#client.ask("INCR", `count of ${key}`));
    const read = keys.map((key) => this.#client.ask("GET", key));
    const sum = await this.#client.ask("EVAL", SUM, "0");
    assertSame("a sum", sum, this.#sum ??= sum);
    for (let i = 0; i < KEYS; i++) {
      assertSame("SET", await written[i], "OK");
      assertSame("INCR", await counted[i], String(round));
      assertSame("GET", await read[i], `${keys[i]} in ${round}`);
    }
    this.#onRound();
  }

  async run(): Promise<void> {
    try {
      while (!this.isEnding) await this.round();
    } catch (error) {
      this.#failure = error;
      this.#onRound();
    }
  }

  async moreRounds(count: number): Promise<void> {
    const wanted = this.#rounds + count;
    while (this.#rounds < wanted && this.#failure === undefined) {
      await new Promise<void>((resolve) => this.#onRound = resolve);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }
}
