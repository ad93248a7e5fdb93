/** The requests of one RTSP connection (RFC 2326), behind a login, and what they are answered with. */
import type { Socket } from "node:net";
import type { DigestGuard } from "../http/digest-guard.ts";

const REQUEST_BYTES_MAX = 8_192;

export interface RtspRequest {
  readonly method: string;
  readonly uri: string;
  readonly header: (name: string) => string | undefined;
}

export type RtspReply = (status: string, headers?: readonly string[], body?: string) => void;

/** `answer` gets what is let in, OPTIONS before any login. TEARDOWN ends the connection. */
export function converse(
  socket: Socket,
  guard: DigestGuard,
  answer: (request: RtspRequest, reply: RtspReply) => void,
): void {
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    if (text.length > REQUEST_BYTES_MAX) socket.destroy();
    for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
      const request = requestOf(text.slice(0, end));
      text = text.slice(end + 4);
      const { header, method, uri } = request;
      const reply: RtspReply = (status, headers = [], body = "") => {
        const length = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
        const lines = [`RTSP/1.0 ${status}`, `CSeq: ${header("CSeq") ?? "0"}`, ...headers, ...length];
        socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
      };
      if (method === "OPTIONS") {
        reply("200 OK", ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"]);
      } else if (!guard.accepts(method, uri, header("Authorization"))) {
        reply(
          "401 Unauthorized",
          guard.challenges(uri).map((each) => `WWW-Authenticate: ${each}`),
        );
      } else {
        answer(request, reply);
        if (method === "TEARDOWN") socket.end();
      }
    }
  });
}

function requestOf(text: string): RtspRequest {
  const [, method = "", uri = ""] = /^(\w+) (\S+) RTSP\/1\.0/.exec(text) ?? [];
  const header = (name: string): string | undefined =>
    new RegExp(`^${name}:\\s*(.*)$`, "im").exec(text)?.[1]?.trim();
  return { method, uri, header };
}

/** What DESCRIBE, SETUP and TEARDOWN are answered with where one track is played over the connection itself. */
export function answerSetUp(
  { header, method, uri }: RtspRequest,
  reply: RtspReply,
  description: string,
): void {
  switch (method) {
    case "DESCRIBE":
      reply("200 OK", ["Content-Type: application/sdp", `Content-Base: ${uri}/`], description);
      return;
    case "SETUP": {
      const transport = header("Transport") ?? "";
      if (!transport.includes("interleaved")) reply("461 Unsupported Transport");
      else reply("200 OK", [`Transport: ${transport};ssrc=00000001`, "Session: 1;timeout=60"]);
      return;
    }
    case "GET_PARAMETER":
    case "TEARDOWN":
      reply("200 OK", ["Session: 1"]);
      return;
    default:
      reply("501 Not Implemented");
  }
}

/** One track of H.264, whose parameter sets are these. */
export function descriptionOf(sets: readonly Uint8Array[]): string {
  const base64 = sets.map((each) => Buffer.from(each).toString("base64")).join(",");
  return (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\na=control:*\r\n" +
    "m=video 0 RTP/AVP 96\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:96 H264/90000\r\n" +
    `a=fmtp:96 packetization-mode=1;sprop-parameter-sets=${base64}\r\na=control:track1\r\n`
  );
}
