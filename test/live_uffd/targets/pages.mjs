// A server that writes to as many pages as it is asked for: GET /write/COUNT. It says its port.

import { createServer } from "node:http";

const PAGE = 4096;
const memory = new Uint8Array(64 << 20).fill(1);

createServer((request, response) => {
  const count = Number(request.url.split("/").at(-1));
  for (let page = 0; page < count; page++) memory[page * PAGE]++;
  response.end("done");
}).listen(0, "127.0.0.1", function () {
  console.log(this.address().port);
});

// Some writes all the time, at a rate that is an argument.
const perTick = Number(process.argv[2] ?? 0);
if (perTick > 0) {
  setInterval(() => {
    for (let page = 0; page < perTick; page++) memory[(32 << 20) + page * PAGE]++;
  }, 10);
}
