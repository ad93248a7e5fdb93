/**
 * What a recorder has recorded, played over RTSP as ONVIF has it (Streaming Specification, clause 6): from the picture at
 * or before the beginning of the range on, each with its time.
 */
import type { Socket } from "node:net";
import { clockRange, REPLAY_FEATURE, readClockRange, writeReplayMark } from "../../codecs/onvif-replay.ts";
import type { Timestamp } from "../../vocabulary/index.ts";
import { type Account, DigestGuard } from "../http/digest-guard.ts";
import { FaultableTcpServer } from "../tcp-server.ts";
import { answerSetUp, converse, descriptionOf, type RtspReply, type RtspRequest } from "./conversation.ts";
import { picture, pictureParameterSet, sequenceParameterSet } from "./h264.ts";
import { RtpSender } from "./rtp.ts";

const [WIDTH, HEIGHT] = [96, 64];
const PICTURE_MS = 200;
const PATH = "/replay/";
/** Pictures played of one range at most. */
const PICTURES_MAX = 1_000;

export interface RecordedSpan {
  readonly earliest: Timestamp;
  readonly latest: Timestamp;
}

export class ReplayServer {
  readonly #server: FaultableTcpServer;
  readonly #guard: DigestGuard;
  readonly #recorded: (recording: string) => RecordedSpan | undefined;
  /** `Range` and `Rate-Control` of each PLAY that was granted. */
  readonly played: string[] = [];

  /** `recorded`: what there is of a recording, by its token and on the recorder's clock. */
  constructor(account: Account | undefined, recorded: (recording: string) => RecordedSpan | undefined) {
    this.#guard = new DigestGuard(account, "many");
    this.#recorded = recorded;
    this.#server = new FaultableTcpServer((socket) => this.#serve(socket));
  }

  uri(recording: string): string {
    return `rtsp://127.0.0.1:${this.#server.port}${PATH}${recording}`;
  }

  async open(): Promise<void> {
    await this.#server.listen(this.#server.port);
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  #serve(socket: Socket): void {
    const sets = [sequenceParameterSet(WIDTH, HEIGHT), pictureParameterSet()];
    converse(socket, this.#guard, (request, reply) => {
      if (request.method === "SETUP" && request.header("Require") !== REPLAY_FEATURE)
        reply("551 Option not supported");
      else if (request.method === "PLAY") this.#play(socket, request, reply);
      else answerSetUp(request, reply, descriptionOf(sets));
    });
  }

  /** As fast as the connection takes it if the client controls the rate; at the pace of the pictures otherwise. */
  #play(socket: Socket, { header, uri }: RtspRequest, reply: RtspReply): void {
    const range = readClockRange(header("Range") ?? "");
    const recording = new URL(uri).pathname.slice(PATH.length).replace(/\/$/, "");
    const span = this.#recorded(recording);
    if (range === undefined || span === undefined || range.from > span.latest || range.to < span.earliest) {
      reply("457 Invalid Range");
      return;
    }
    const since = Math.floor(Math.max(range.from, span.earliest) / PICTURE_MS) * PICTURE_MS;
    const until = Math.min(range.to, span.latest);
    const isControlled = header("Rate-Control") === "no";
    this.played.push(`${header("Range")} ${header("Rate-Control") ?? ""}`);
    reply("200 OK", ["Session: 1", `Range: ${clockRange(since, until)}`]);
    const sender = new RtpSender(1);
    const times = Array.from({ length: PICTURES_MAX }, (_, i) => since + i * PICTURE_MS);
    const pictures = times.filter((at) => at <= until).values();
    const next = (): boolean => {
      const { done, value: at } = pictures.next();
      if (done === true || socket.destroyed) return false;
      socket.write(Buffer.concat(framesOf(sender, at, at - since, at + PICTURE_MS > until)));
      return true;
    };
    if (isControlled) while (next());
    else {
      const timer = setInterval(() => next() || clearInterval(timer), PICTURE_MS);
      socket.on("close", () => clearInterval(timer));
    }
  }
}

/** A light column that wanders with the time of the picture. */
function framesOf(
  sender: RtpSender,
  at: Timestamp,
  since_ms: number,
  endsSection: boolean,
): readonly Uint8Array[] {
  const left = Math.floor(at / PICTURE_MS) % WIDTH;
  const units = [
    sequenceParameterSet(WIDTH, HEIGHT),
    pictureParameterSet(),
    picture(WIDTH, HEIGHT, Math.floor(at / PICTURE_MS), (x) => (x === left ? 230 : 60)),
  ];
  return sender.frames(units, since_ms / 1_000, writeReplayMark({ at, isCleanPoint: true, endsSection }));
}
