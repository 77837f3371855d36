// The main job as a script: `softdirty run scripts/demo/session.mjs -p PID`, and with --replay again.

export default async function (sd) {
  const say = (typed, result) => console.log(`> ${typed}\n${result}\n`);
  const show = (typed, result) => {
    console.log(`> ${typed}`);
    console.log(result);
    console.log();
    return result;
  };

  show(`sd.clear(${sd.pid})`, sd.clear());
  await sd.wait(500);
  const a = show(`const a = sd.read(${sd.pid})`, sd.read());
  sd.mark("half a second later");
  show(`sd.clear(${sd.pid})`, sd.clear());
  await sd.wait(500);
  const b = show(`const b = sd.read(${sd.pid})`, sd.read());
  show("sd.diff(a, b)", sd.diff(a, b));
  const writable = sd.filter(b, { mapping: "[anon]", perms: "w" });
  say(
    `sd.filter(b, { mapping: "[anon]", perms: "w" }).dirtyPopulated`,
    `${writable.dirtyPopulated.pageCount} pages`,
  );
}
