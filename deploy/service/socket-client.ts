/**
 * The asking side of the private HTTP between the processes of one hub; see `socket.ts` for the answering side. By
 * itself, because its client takes 30 MB of memory, which a process that only answers (an edge box's agent) saves.
 */
import { Agent, fetch, type RequestInit, type Response } from "undici";

/** Whoever wants an answer sooner brings a signal. */
const ANSWER_MS_MAX = 3_600_000;

/** Speaks HTTP to the process behind a socket. */
export interface SocketClient {
  /** `path` begins with a slash. Rejects when nobody listens. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export function socketClient(path: string): SocketClient {
  // Event streams are silent for long; their readers notice a dead peer by the socket's end. A backup answers when it is done.
  const dispatcher = new Agent({
    connect: { socketPath: path },
    bodyTimeout: 0,
    headersTimeout: ANSWER_MS_MAX,
    connections: 32,
  });
  return {
    fetch: (target, init) => fetch(`http://hub${target}`, { ...init, dispatcher }),
    close: () => dispatcher.close(),
  };
}
