/**
 * What every process answers its operator on its own socket: `GET /healthz` and `GET /metrics`, and nothing else. A
 * process with an API of its own adds them there; the rest use this, which costs no framework's memory: an edge box has
 * better uses for it.
 */
import type { ServerResponse } from "node:http";
import type { Registry } from "prom-client";
import http from "./node-http.ts";
import { listenOnSocket } from "./socket.ts";

export interface OperationsSource {
  /** Answered as JSON: how the process is doing, in its own words. */
  health(): object;
  /** Or whoever makes it, asked once, when metrics are asked for. */
  readonly registry: Registry | (() => Promise<Registry>);
  /** What a person on this machine can have done, by path: `/confirm`. `POST` only; the answer is sent as JSON. */
  readonly actions?: Readonly<Record<string, (query: URLSearchParams) => Promise<object>>>;
}

export interface Operations {
  close(): Promise<void>;
}

export async function serveOperations(
  path: string,
  { actions = {}, health, registry }: OperationsSource,
): Promise<Operations> {
  let made: Promise<Registry> | undefined;
  const metrics = async (response: ServerResponse): Promise<void> => {
    made ??= typeof registry === "function" ? registry() : Promise.resolve(registry);
    const found = await made;
    send(response, 200, found.contentType, await found.metrics());
  };
  const server = http.createServer((request, response) => {
    switch (request.url) {
      case "/healthz":
        return send(response, 200, "application/json", JSON.stringify(health()));
      case "/metrics":
        metrics(response).catch((error: unknown) => send(response, 500, "text/plain", String(error)));
        return;
      default: {
        const { pathname, searchParams } = new URL(request.url ?? "/", "http://socket");
        const action = Object.hasOwn(actions, pathname) ? actions[pathname] : undefined;
        if (action !== undefined && request.method === "POST") {
          void action(searchParams).then(
            (answer) => send(response, 200, "application/json", JSON.stringify(answer)),
            (error: unknown) => send(response, 500, "text/plain", String(error)),
          );
          return;
        }
        return send(response, 404, "text/plain", "only /healthz and /metrics are here\n");
      }
    }
  });
  await listenOnSocket(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "content-type": type }).end(text);
}
