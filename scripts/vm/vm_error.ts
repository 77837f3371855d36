/**
 * A failure of the virtual machine's machinery (not of the command in it) that a person can act on:
 * its message says what was tried, what was found and what to do. The CLI prints it without a stack.
 */
export class VmError extends Error {
  override name = "VmError";
}
