// Finds the request that makes a server write to most memory.
//
//   softdirty run dirtiest_request.mjs -p PID -- http://localhost:8080 /path /other/path

export default async function (sd, [server, ...paths]) {
  if (paths.length === 0) {
    throw new RangeError("Name a server and paths: -- http://localhost /a /b");
  }
  const results = [];
  for (const path of paths) {
    sd.clear();
    sd.mark(`GET ${path}`);
    await sd.act(async () => await (await fetch(new URL(path, server))).arrayBuffer());
    const snapshot = sd.read();
    results.push({ path, pages: snapshot.dirtyPopulated.pageCount });
  }
  results.sort((a, b) => b.pages - a.pages);
  for (const { path, pages } of results) console.log(`${String(pages).padStart(8)} pages  ${path}`);
  console.log(`${results[0].path} writes to most`);
}
