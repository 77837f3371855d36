import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { type PageServer, servePage } from "../../lib/exporter/server.ts";

const address = { host: "127.0.0.1", port: 0 };

async function serving(
  page: () => Promise<string>,
  use: (server: PageServer, root: string) => Promise<void>,
): Promise<void> {
  const server = await servePage(address, page);
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

test("a page that cannot be made is told without its reasons", async () => {
  await serving(() => Promise.reject(new Error("secret")), async ({ url }) => {
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([500, "The page cannot be made\n"]);
  });
});

test("an address that is taken is told", async () => {
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
