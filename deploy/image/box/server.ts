/** The socket that bundles are offered at: a line of JSON in, a line of JSON out. */
import { createServer, type Server, type Socket } from "node:net";
import type { Answer } from "./core/contract.ts";
import { messageOf } from "./core/contract.ts";
import { REQUEST_BYTES_MAX } from "./core/request.ts";

const LINE_MS_MAX = 5_000;
const CONNECTIONS_MAX = 8;

export function serveRequests(ask: (line: string) => Answer): Server {
  const server = createServer((socket) => answerOne(socket, ask));
  server.maxConnections = CONNECTIONS_MAX;
  return server;
}

function answerOne(socket: Socket, ask: (line: string) => Answer): void {
  let text = "";
  const answer = (with_: Answer): void => {
    socket.removeAllListeners("data");
    socket.end(`${JSON.stringify(with_)}\n`);
  };
  socket.setEncoding("utf8");
  socket.setTimeout(LINE_MS_MAX, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: string) => {
    text += chunk;
    const [line, rest] = text.split("\n", 2);
    if (rest !== undefined && line !== undefined) return answer(ask(line));
    if (text.length > REQUEST_BYTES_MAX)
      answer({ accepted: false, code: "bad-request", message: messageOf("bad-request") });
  });
}
