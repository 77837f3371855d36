// A server that remembers its last 5,000 answers, and a client that asks it.

import { createServer } from "node:http";

const PORT = 8080;

function serve() {
  const answers = new Map();
  createServer((request, response) => {
    let answer = answers.get(request.url);
    if (answer === undefined) {
      answer = JSON.stringify({
        url: request.url,
        squares: Array.from({ length: 50 }, (_, i) => i * i),
      });
      answers.set(request.url, answer);
      if (answers.size > 5000) answers.delete(answers.keys().next().value);
    }
    response.end(answer);
  }).listen(PORT, "127.0.0.1");
}

async function ask() {
  for (let i = 0;; i++) await (await fetch(`http://127.0.0.1:${PORT}/${i % 8000}`)).text();
}

await (process.argv[2] === "serve" ? serve() : ask());
