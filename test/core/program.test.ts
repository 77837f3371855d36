import fc from "fast-check";
import { expect, test } from "vitest";
import { programName, programOf } from "../../lib/core/program.ts";

const line = (...words: string[]) => words.map((word) => `${word}\0`).join("");

test.each<[string, string[], string | undefined]>([
  ["python3", ["/usr/bin/python3", "-u", "/srv/train.py", "--password", "x"], "python3 train.py"],
  ["python3", ["python3", "-m", "http.server", "8000"], "python3 -m http.server"],
  ["python3", ["python3", "-c", "print('secret.py')"], undefined],
  ["node", ["node", "--require", "./hook.js", "server.js"], "node server.js"],
  ["node", ["node", "-e", "secret.js"], undefined],
  ["deno", ["deno", "run", "-A", "main.ts"], "deno main.ts"],
  ["java", ["java", "-Xmx1g", "-jar", "/opt/app.jar", "s.jar"], "java app.jar"],
  ["java", ["java", "-cp", "a.jar:b.jar", "org.apache.Main", "x.y"], "java org.apache.Main"],
  ["bash", ["-bash"], undefined],
  ["sh", ["sh", "-c", "deploy.sh secret"], undefined],
  ["sh", ["sh", "./deploy.sh", "secret"], "sh deploy.sh"],
  ["a-program-with-", ["/opt/a-program-with-a-long-name", "secret"], "a-program-with-a-long-name"],
  ["mysql", ["mysql", "-psecret", "db.py"], undefined],
  ["nginx", ["nginx: master process /usr/sbin/nginx"], undefined],
  ["redis-server", ["redis-server *:6379"], undefined],
  ["chosen", ["python3", "-c", "rename('chosen')"], undefined],
  ["kthreadd", [""], undefined],
])("%s that was started as %j is %s", (command, words, program) => {
  expect(programOf(line(...words), command)).toBe(program);
});

test("no argument but the script is ever in it, and it is never long", () => {
  const word = fc.string({ unit: fc.constantFrom(..."abc-./=:_ py"), maxLength: 200 });
  fc.assert(
    fc.property(fc.array(word), fc.constantFrom("python3", "mysql", "java"), (words, name) => {
      const secret = "Geheim";
      const program = programOf(line(name, ...words, "--password", secret, secret), name);
      expect(program ?? "").not.toContain(secret);
      expect((program ?? "").length).toBeLessThanOrEqual(128);
      expect(program ?? name).not.toMatch(/\0/);
    }),
  );
});

test("a process that has named itself is reported with both names", () => {
  const process = { pid: 1, startTimeTicks: 1, command: "MainThread" };
  expect(programName({ ...process, program: "node server.js" })).toBe("MainThread, node server.js");
  expect(programName(process)).toBe("MainThread");
});
