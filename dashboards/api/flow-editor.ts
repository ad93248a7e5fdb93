/**
 * The editor of the campus's own flows, at `/flows/`, behind the console's own sign-in: Node-RED listens on a private
 * socket and asks nobody who they are. Passed on as it comes, requests and WebSockets alike.
 */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Authenticate, demandWholeHub, type Identity, refuseForeignWrites } from "./identity.ts";
import type { LiveFeed } from "./live-feed.ts";
import { identify } from "./permission.ts";

export interface FlowEditorParts {
  readonly authenticate: Authenticate;
  /** Path of the private socket. */
  readonly socket: string;
  /** With each `status` in it, whoever has an editor open is looked at again. */
  readonly feed: Pick<LiveFeed, "listen">;
}

const PREFIX = "/flows";
/** Each page of an editor holds one; few people edit flows. */
export const EDITORS_MAX = 50;
/** Of one hop, and not passed on: RFC 9110, clause 7.6.1. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"]);
/** Of the console. A flow can read what it is asked with, and must not learn who somebody is signed in as. */
const CREDENTIALS = new Set(["cookie", "authorization"]);

export function flowEditor(server: FastifyInstance, { authenticate, feed, socket }: FlowEditorParts): void {
  const editors = new Map<Duplex, FastifyRequest>();
  const editorOf = (request: FastifyRequest, again = false): Identity => {
    const identity = identify(authenticate(request, again), "flows.edit");
    demandWholeHub(identity);
    return identity;
  };

  const unlisten = feed.listen(({ event }) => {
    if (event !== "status") return;
    for (const [client, request] of editors) {
      try {
        editorOf(request, true);
      } catch {
        client.destroy();
      }
    }
  });
  // A connection that was handed over is nobody's to close but ours.
  server.addHook("preClose", async () => {
    unlisten();
    for (const client of editors.keys()) client.destroy();
  });

  server.register(async (scope) => {
    // What is edited is passed on as bytes.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    scope.get(PREFIX, { schema: { hide: true } }, (_request, reply) => reply.redirect(`${PREFIX}/`));
    scope.all(`${PREFIX}/*`, { schema: { hide: true } }, (request, reply) => {
      // Who it was is in the trail of what was changed.
      request.identity = editorOf(request);
      refuseForeignWrites(request);
      const { raw } = request;
      reply.hijack();
      const onward = httpRequest(
        {
          socketPath: socket,
          path: inside(raw.url),
          method: raw.method,
          headers: without(CREDENTIALS, without(HOP_BY_HOP, raw.headers)),
        },
        (answer) => {
          reply.raw.writeHead(answer.statusCode ?? 502, {
            ...without(HOP_BY_HOP, answer.headers),
            "content-security-policy": "frame-ancestors 'none'",
          });
          answer.pipe(reply.raw);
        },
      );
      onward.on("error", () => {
        if (!reply.raw.headersSent) reply.raw.writeHead(503, { "content-type": "text/plain; charset=utf-8" });
        reply.raw.end("流程编辑器没有运行 / the flow editor is not running\n");
      });
      reply.raw.on("close", () => onward.destroy());
      raw.pipe(onward);
    });
  });

  server.server.on("upgrade", (request: IncomingMessage, client: Duplex, head: Buffer) => {
    if (!request.url?.startsWith(`${PREFIX}/`)) {
      client.destroy();
      return;
    }
    // Who asks is read from headers and address alone, which both have.
    const asked = request as unknown as FastifyRequest;
    try {
      editorOf(asked);
      // A WebSocket is a write: another site's page may not open it.
      refuseForeignWrites({ method: "POST", headers: request.headers });
    } catch {
      client.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n");
      return;
    }
    if (editors.size >= EDITORS_MAX) {
      client.end("HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n");
      return;
    }
    editors.set(client, asked);
    const onward = connect(socket, () => {
      const headers = request.rawHeaders.flatMap((name, index, all) =>
        index % 2 === 0 && !CREDENTIALS.has(name.toLowerCase()) ? [`${name}: ${all[index + 1] ?? ""}`] : [],
      );
      onward.write(`GET ${inside(request.url)} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`);
      onward.write(head);
      onward.pipe(client).pipe(onward);
    });
    onward.on("error", () => client.destroy());
    client.on("error", () => onward.destroy());
    client.on("close", () => {
      editors.delete(client);
      onward.destroy();
    });
  });
}

const inside = (url = ""): string => url.slice(PREFIX.length) || "/";

/** Names in lower case, as Node has them. */
function without<T>(names: ReadonlySet<string>, headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name)));
}
