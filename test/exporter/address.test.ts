import { expect, test } from "vitest";
import { hostText, listenAddress } from "../../lib/exporter/address.ts";

test.each([
  ["9187", "127.0.0.1:9187"],
  [":9187", "127.0.0.1:9187"],
  ["0.0.0.0:80", "0.0.0.0:80"],
  ["localhost:0", "localhost:0"],
  ["[::1]:9187", "[::1]:9187"],
])("%s is %s", (text, expected) => expect(hostText(listenAddress(text)!)).toBe(expected));

test.each([
  "",
  "localhost",
  "1.2.3.4:",
  "::1:80",
  "[::1]",
  "[x]:80",
  "a:65536",
  "a:1:2",
  "http://a:1",
])(
  "%j is no address",
  (text) => expect(listenAddress(text)).toBeUndefined(),
);
