import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { type PageServer, servePage } from "../../lib/exporter/server.ts";

const address = { host: "127.0.0.1", port: 0 };

async function serving(
  page: () => Promise<string>,
  use: (server: PageServer, root: string) => Promise<void>,
  allowedHosts: readonly string[] = [],
): Promise<void> {
  const server = await servePage(address, page, allowedHosts);
  try {
    await use(server, server.url.replace("/metrics", ""));
  } finally {
    await server.close();
  }
}

test("the page is served as OpenMetrics, and nothing else is", async () => {
  let count = 0;
  await serving(() => Promise.resolve(`page ${++count}\n`), async ({ url }, root) => {
    const response = await fetch(url);
    expect(response.headers.get("content-type")).toMatch(
      /^application\/openmetrics-text; version=1/,
    );
    expect(await response.text()).toBe("page 1\n");
    expect(await (await fetch(`${url}?a=b`)).text()).toBe("page 2\n");
    const head = await fetch(url, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const other = await fetch(`${root}/../etc/passwd`);
    expect([other.status, await other.text()]).toEqual([404, "The page is /metrics\n"]);
    const post = await fetch(url, { method: "POST", body: "x" });
    expect([post.status, await post.text()]).toEqual([405, "GET only\n"]);
    expect(await (await fetch(root)).text()).toContain("/metrics");
  });
});

test("a page that cannot be made is reported without the reason", async () => {
  await serving(() => Promise.reject(new Error("secret")), async ({ url }) => {
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([500, "The page cannot be made\n"]);
  });
});

test("an address that is taken is reported", async () => {
  await serving(() => Promise.resolve(""), async ({ url }) => {
    const port = Number(new URL(url).port);
    await expect(servePage({ host: "127.0.0.1", port }, () => Promise.resolve(""))).rejects
      .toMatchObject({
        code: "cannot-listen",
        message: expect.stringMatching(
          /^Cannot listen on 127\.0\.0\.1:\d+: somebody listens there/,
        ),
      });
  });
});

test("a client that says nothing does not keep it from ending", async () => {
  const server = await servePage(address, () => Promise.resolve(""));
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  await once(socket, "connect");
  const closed = once(socket.resume(), "close");
  await server.close();
  await closed;
});

/** The status of an answer to a request that names a host. */
async function statusFor(url: string, host: string): Promise<number> {
  const { port, pathname } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  let text = "";
  socket.setEncoding("utf8").on("data", (part) => text += part);
  await once(socket, "close");
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}

test.each([
  ["evil.example.com", 403],
  ["evil.example.com:80", 403],
  ["127.0.0.1.evil.example.com", 403],
  ["localhost.evil.example.com", 403],
  ["1", 403],
  ["", 403],
  ["127.0.0.1", 200],
  ["192.168.1.7:9187", 200],
  ["[::1]:9187", 200],
  ["LOCALHOST:1", 200],
  ["localhost.", 200],
  ["db1.example.com:9187", 200],
])("a request for the host %j is answered with %d", async (host, status) => {
  await serving(
    () => Promise.resolve("page\n"),
    async ({ url }) => expect(await statusFor(url, host)).toBe(status),
    ["db1.example.com"],
  );
});

test("clients that keep connections, or say nothing, do not keep others out", async () => {
  await serving(() => Promise.resolve("page\n"), async ({ url }) => {
    const port = Number(new URL(url).port);
    const idle = Array.from({ length: 500 }, (_, i) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {}).resume();
      if (i % 2 === 0) socket.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: ");
      return socket;
    });
    await Promise.all(idle.map((socket) => once(socket, "connect")));
    for (let i = 0; i < 10; i++) expect(await (await fetch(url)).text()).toBe("page\n");
    for (const socket of idle) socket.destroy();
  });
});

test("an answered connection is not kept", async () => {
  await serving(() => Promise.resolve("page\n"), async ({ url }) => {
    expect((await fetch(url)).headers.get("connection")).toBe("close");
  });
});
