import { spawn } from "node:child_process";
import { VmError } from "./vm_error.ts";

/** How {@link runTool} runs a host tool. */
export interface RunToolOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to the tool's standard input; without it standard input is empty. */
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a host tool to its end and returns its standard output as text.
 *
 * @throws {VmError} when the tool is missing or fails; the message holds the end of what it wrote.
 */
export async function runTool(
  tool: string,
  args: readonly string[],
  options: RunToolOptions = {},
): Promise<string> {
  const child = spawn(tool, args, {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: "C.UTF-8", ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    signal: options.signal,
  });
  const out: Uint8Array[] = [];
  const err: Uint8Array[] = [];
  child.stdout.on("data", (bytes: Uint8Array) => out.push(bytes));
  child.stderr.on("data", (bytes: Uint8Array) => err.push(bytes));
  child.stdin.on("error", () => {}); // a tool may leave without reading all of its input
  child.stdin.end(options.input ?? "");
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).catch((cause: NodeJS.ErrnoException) => {
    options.signal?.throwIfAborted();
    if (cause.code === "ENOENT") {
      throw new VmError(`${tool} is not installed; run: npm run vm -- --ensure`, { cause });
    }
    throw cause;
  });
  const text = (parts: Uint8Array[]) => Buffer.concat(parts).toString();
  if (exitCode !== 0) {
    const said = (text(err) + text(out)).trim().split("\n").slice(-8).join("\n");
    throw new VmError(`${tool} ${args[0] ?? ""} failed with exit code ${exitCode}:\n${said}`);
  }
  return text(out);
}
