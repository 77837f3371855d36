// What a user would write: nothing in it knows whether sd is live or replayed.

export default function (sd, args) {
  sd.clear();
  const a = sd.read();
  const b = sd.read();
  const { ceased } = sd.diff(a, b);
  const dirty = b.dirtyPopulated.pageCount;
  console.log(
    `${
      args[0]
    }: ${b.process.command}, ${dirty} pages dirty, ${ceased.pageCount} of them ceased to be`,
  );
}
