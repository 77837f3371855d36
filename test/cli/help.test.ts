import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { VERSION } from "../../lib/core/version.ts";
import { TOPICS } from "../../lib/cli/topics.ts";
import { shellLine, softdirty } from "../helpers/softdirty.ts";

/** The commands that help lists. */
async function commands(): Promise<string[]> {
  const { stdout } = await softdirty("help");
  const list = stdout.slice(stdout.indexOf("Commands:"), stdout.indexOf("Topics"));
  return [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name);
}

describe("help", () => {
  test("lists commands and topics, and explains each of them", async () => {
    const all = await commands();
    expect(all.length).toBeGreaterThan(20);
    for (const { name, title } of TOPICS) {
      expect((await softdirty("help")).stdout).toContain(title);
      const { exitCode, stdout } = await softdirty("help", name);
      expect(exitCode).toBe(0);
      expect(stdout.split("\n")[0]).toBe(`${name}: ${title}`);
      for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    }
  });

  test("explains a command and a part of one", async () => {
    expect((await softdirty("help", "rate")).stdout).toMatch(/^Usage: softdirty rate /);
    expect((await softdirty("help", "plan", "fork")).stdout).toMatch(
      /^Usage: softdirty plan fork /,
    );
  });

  test("says what there is where there is no such topic, without escapes", async () => {
    const { exitCode, stderr } = await softdirty("help", "\u001b[1mx");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/no command and no topic \\x1b\[1mx\n/);
    expect(stderr).toMatch(/^ {2}trackers/m);
  });
});

describe("the man page", () => {
  test("has all commands, options and topics", async () => {
    const { stdout } = await softdirty("help", "--man");
    expect(stdout).toMatch(new RegExp(`^\\.TH SOFTDIRTY 1 "" "softdirty ${VERSION}"`));
    for (const name of await commands()) {
      expect(stdout).toContain(`.SS softdirty ${name.replaceAll("-", "\\-")}`);
    }
    for (const { name } of TOPICS) {
      expect(stdout).toContain(`.SH ${name.toUpperCase().replaceAll("-", "\\-")}`);
    }
    expect(stdout).toContain(String.raw`.B \-\-rotate <size or time>`);
  });

  const hasGroff = spawnSync("groff", ["--version"]).status === 0;
  if (!hasGroff) {
    console.log("LEFT OUT: the man page through Debian's groff, which is not installed");
  }
  test.skipIf(!hasGroff && process.env.SOFTDIRTY_REQUIRE_LIVE !== "1")(
    "is troff that groff has nothing to say to",
    async () => {
      const { stdout } = await softdirty("help", "--man");
      const groff = spawnSync("groff", ["-man", "-Tutf8", "-ww", "-P-cbou"], {
        input: stdout,
        encoding: "utf8",
      });
      expect([groff.status, groff.stderr]).toEqual([0, ""]);
      expect(groff.stdout).toContain("softdirty plan migrate");
      expect(groff.stdout).toContain(`mapping ~ "redis|heap" and perms has w`);
    },
  );
});

describe("completion", () => {
  const complete = async (...words: string[]) => {
    const { stdout } = await softdirty("complete", "--", ...words);
    const lines = stdout.trim().split("\n");
    const directive = lines.pop();
    return { values: lines.map((line) => line.split("\t")[0]), directive };
  };

  test("knows commands, parts of them, options, their values and topics", async () => {
    expect((await complete("")).values).toEqual(expect.arrayContaining(await commands()));
    expect((await complete("plan", "")).values).toEqual(["migrate", "checkpoint", "fork"]);
    expect((await complete("watch", "--bu")).values).toEqual(["--budget"]);
    expect((await complete("record", "--tracker", "u")).values).toEqual(["uffd-wp"]);
    expect((await complete("help", "c")).values).toEqual([
      "compare",
      "complete",
      "costs",
      "completion",
    ]);
  });

  test("leaves files to the shell", async () => {
    expect(await complete("rate", "rec")).toEqual({ values: [], directive: ":0" });
    expect(await complete("report", "a", "-o", "")).toEqual({ values: [], directive: ":0" });
    expect((await complete("export", "--format", "")).directive).toBe(":4");
    expect(await complete("rate", "-e", "")).toEqual({ values: [], directive: ":4" });
    const { pid } = process;
    expect((await complete("top", "-p", String(pid))).values).toContain(String(pid));
  });

  test("works in bash, files where there is nothing else", async () => {
    const { stdout } = await softdirty("complete", "bash");
    const script = `
      softdirty() { ${shellLine()} "$@"; }
      compopt() { :; }
      ${stdout}
      complete -p softdirty
      COMP_WORDS=(softdirty plan "") COMP_CWORD=2
      __softdirty_complete; echo "\${COMPREPLY[@]}"
    `;
    const bash = spawnSync("bash", ["-c", script], { encoding: "utf8" });
    expect(bash.stdout).toBe(
      "complete -o default -F __softdirty_complete softdirty\nmigrate checkpoint fork\n",
    );
  });
});

describe("completion that a shell reads twice", () => {
  test("says nothing in bash", async () => {
    const { stdout } = await softdirty("complete", "bash");
    const bash = spawnSync("bash", ["-c", `${stdout}\n${stdout}`], { encoding: "utf8" });
    expect([bash.status, bash.stderr]).toEqual([0, ""]);
  });
});

test("what the README says of topics is true", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [list] = /`softdirty help TOPIC`[^.]*\./.exec(readme)!;
  const named = [...list.matchAll(/`([a-z][a-z-]*)`/g)].map(([, name]) => name);
  expect(named).toEqual(TOPICS.map(({ name }) => name));
  for (const [, name] of readme.matchAll(/softdirty help ([a-z][a-z-]*)/g)) {
    expect(named).toContain(name);
  }
});
