// Preloaded into a command: at its end, tells on descriptor 3 what it used.
process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  try {
    require("node:fs").writeSync(3, JSON.stringify({ maxRSS, userCPUTime, systemCPUTime }));
  } catch {
    // Nobody listens.
  }
});
