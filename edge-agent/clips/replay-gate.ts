/**
 * A gate between FFmpeg and a recorder. FFmpeg speaks RTSP and knows nothing of replay: to it the gate is a stream on
 * loopback. On its way to the recorder each request gets what ONVIF asks for (Streaming Specification, clause 6) and the
 * login, which never is on any command line; what comes back is passed on as it is, until the end of the span.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { clockRange, REPLAY_FEATURE, readReplayMark } from "@campus-ops/device-profiles/codecs/onvif-replay";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type DigestLogin, withDigest } from "../drivers/http/digest.ts";
import { headersOf, type RtspItem, RtspReader } from "./rtsp-message.ts";

/** A recorder that has begun to play and brings nothing for so long has come to its end. */
export const REPLAY_SILENCE_MS = 3_000;
/** The same after the last picture of a section: what follows it comes from another. */
export const SECTION_SILENCE_MS = 500;
const RTSP_PORT = 554;
const RTSPS_PORT = 322;
const FRAME_HEADER_BYTES = 4;
const RTCP_BYE = 203;

export interface Replay {
  /** Where the recorder plays the recording. */
  readonly uri: URL;
  readonly login: DigestLogin | undefined;
  /** On the recorder's clock. */
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly bytes_max: number;
}

type Interleaved = Extract<RtspItem, { frame: unknown }>;

interface Answer {
  readonly status: number;
  readonly challenges: readonly string[];
  readonly head: string;
  readonly body: Uint8Array;
}

export class ReplayGate {
  readonly #replay: Replay;
  readonly #server: Server;
  readonly #sockets: Socket[] = [];
  #settle: ((answer: Answer) => void) | undefined;
  /** What came before the client had been told that it would: a client throws that away. Undefined while it waits for nothing. */
  #early: Interleaved[] | undefined;
  #sequence = 0;
  #bytes = 0;
  #silence: NodeJS.Timeout | undefined;
  /** When the first picture was taken, by the recorder's clock; undefined until one has come that says so. */
  first: Timestamp | undefined;
  /** What the recorder refused, if it did: its status. */
  refusal: { readonly method: string; readonly status: number } | undefined;
  /** There is more than may be taken. */
  overflowed = false;

  private constructor(replay: Replay, server: Server) {
    this.#replay = replay;
    this.#server = server;
    server.once("connection", (client) => {
      // One client, who knows of it.
      server.close();
      this.#serve(client).catch(() => this.close());
    });
  }

  static async open(replay: Replay): Promise<ReplayGate> {
    const server = createServer();
    const gate = new ReplayGate(replay, server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    gate.#url = `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/replay`;
    return gate;
  }

  #url = "";

  get url(): URL {
    return new URL(this.#url);
  }

  close(): void {
    clearTimeout(this.#silence);
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #serve(client: Socket): Promise<void> {
    const recorder = this.#dial();
    this.#sockets.push(client, recorder);
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
    }
    client.on("close", () => recorder.destroy());
    recorder.on("close", () => client.end());
    const fromRecorder = new RtspReader();
    recorder.on("data", (chunk: Buffer) => {
      try {
        for (const item of fromRecorder.push(chunk)) {
          if ("frame" in item) this.#take(item, client);
          else this.#settle?.(answerOf(item.head, item.body));
        }
      } catch {
        this.close();
      }
    });
    const fromClient = new RtspReader();
    for await (const chunk of client as AsyncIterable<Buffer>) {
      for (const item of fromClient.push(chunk)) {
        if ("frame" in item) recorder.write(item.frame);
        else await this.#forward(item.head, client, recorder);
      }
    }
  }

  #dial(): Socket {
    const { hostname, port, protocol } = this.#replay.uri;
    const host = hostname.replace(/^\[|\]$/g, "");
    return protocol === "rtsps:"
      ? connectTls({ host, port: Number(port || RTSPS_PORT), rejectUnauthorized: false })
      : connect({ host, port: Number(port || RTSP_PORT) });
  }

  async #forward(head: string, client: Socket, recorder: Socket): Promise<void> {
    const [line = "", ...lines] = head.split("\r\n");
    const [method = "", asked = ""] = line.split(" ");
    const uri = asked.startsWith(this.#url) ? this.#replay.uri.href + asked.slice(this.#url.length) : asked;
    const kept = lines.filter((each) => !/^(CSeq|Authorization|Range|Rate-Control|Require):/i.test(each));
    const headers = [...kept, ...this.#additions(method)];
    const early: Interleaved[] = [];
    this.#early = early;
    const send = (authorization: string | undefined): Promise<Answer> => {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      this.#settle = resolve;
      this.#sequence += 1;
      const login = authorization === undefined ? [] : [`Authorization: ${authorization}`];
      const request = [`${method} ${uri} RTSP/1.0`, `CSeq: ${this.#sequence}`, ...headers, ...login];
      recorder.write(`${request.join("\r\n")}\r\n\r\n`);
      return promise;
    };
    const answer = await withDigest(send, this.#replay.login, { method, uri });
    if (answer.status !== 200) this.refusal ??= { method, status: answer.status };
    if (method === "PLAY" && answer.status === 200) this.#listen(client, REPLAY_SILENCE_MS);
    const sequence = headersOf(head, "CSeq")[0] ?? "0";
    client.write(answer.head.replace(/^CSeq:.*$/im, `CSeq: ${sequence}`));
    client.write("\r\n\r\n");
    client.write(answer.body);
    this.#early = undefined;
    for (const each of early) this.#pass(each, client);
  }

  #additions(method: string): readonly string[] {
    if (method === "SETUP") return [`Require: ${REPLAY_FEATURE}`];
    if (method !== "PLAY") return [];
    const { from, to } = this.#replay;
    return [`Require: ${REPLAY_FEATURE}`, `Range: ${clockRange(from, to)}`, "Rate-Control: no"];
  }

  #take(item: Interleaved, client: Socket): void {
    this.#bytes += item.frame.length;
    this.overflowed ||= this.#bytes > this.#replay.bytes_max;
    if (this.overflowed) this.close();
    else if (this.#early === undefined) this.#pass(item, client);
    else this.#early.push(item);
  }

  #pass({ channel, frame }: Interleaved, client: Socket): void {
    const packet = frame.subarray(FRAME_HEADER_BYTES);
    const isControl = channel % 2 === 1;
    const mark = isControl ? undefined : readReplayMark(packet);
    const isBeyond = mark !== undefined && mark.at > this.#replay.to;
    if (isBeyond || (isControl && packet[1] === RTCP_BYE)) {
      client.end();
      return;
    }
    if (!isControl) this.first ??= mark?.at;
    this.#listen(client, mark?.endsSection === true ? SECTION_SILENCE_MS : REPLAY_SILENCE_MS);
    client.write(frame);
  }

  #listen(client: Socket, silence_ms: number): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => client.end(), silence_ms);
  }
}

function answerOf(head: string, body: Uint8Array): Answer {
  const status = Number(/^RTSP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0);
  return { status, challenges: headersOf(head, "WWW-Authenticate"), head, body };
}
