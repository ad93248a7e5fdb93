/** A simulated camera's stream: a real RTSP server that plays H.264 over the connection itself. */
import type { Socket } from "node:net";
import { RTSP_METRICS, type RtspProfile } from "../../profiles/rtsp-profile.ts";
import type { MetricName, SampleValue } from "../../vocabulary/index.ts";
import { DigestGuard } from "../http/digest-guard.ts";
import {
  checkFault,
  LINE_FAULTS,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";
import { FaultableTcpServer } from "../tcp-server.ts";
import { answerSetUp, converse, descriptionOf } from "./conversation.ts";
import { filler, type Luma, picture, pictureParameterSet, sequenceParameterSet } from "./h264.ts";
import { RtpSender } from "./rtp.ts";

const PATH = "/stream";
const SIDE_MAX = 8_192;
const RATE_MAX = 120;
const BLACK = 16;

const TCP = [...LINE_FAULTS, "half-open"] as const satisfies readonly SimulatedFault[];
const RTSP_FAULTS = [...TCP, "lockout", "stale-nonce", "stuck", "subscription-lost"] as const;

/** Starts a stream on loopback. With `options.username` it asks for that login, `options.secret` its password. */
export async function startRtspSimulator(
  profile: RtspProfile,
  options: SimulatorOptions = {},
): Promise<SimulatedStream> {
  const stream = new SimulatedStream(profile, options);
  await stream.open(options.port ?? 0);
  return stream;
}

export class SimulatedStream implements SimulatedDevice {
  readonly faults = RTSP_FAULTS;
  readonly #profile: RtspProfile;
  readonly #server: FaultableTcpServer;
  readonly #guard: DigestGuard;
  readonly #values: Map<MetricName, SampleValue>;
  #fault: SimulatedFault | null = null;

  constructor(profile: RtspProfile, { secret, username }: SimulatorOptions) {
    this.#profile = profile;
    // Clients of RTSP use one nonce for all that they ask.
    const account = username === undefined ? undefined : { username, password: secret ?? "" };
    this.#guard = new DigestGuard(account, "many");
    this.#server = new FaultableTcpServer((socket) => this.#serve(socket));
    this.#values = new Map<MetricName, SampleValue>(RTSP_METRICS.map((metric) => [metric, false]));
    this.#values.set("Stream/Alive", true);
    this.#values.set("Stream/Codec", "h264");
    this.#values.set("Stream/Width", 320);
    this.#values.set("Stream/Height", 180);
    this.#values.set("Stream/FrameRate", 5);
    this.#values.set("Stream/BitRate", 0);
  }

  get url(): string {
    return `rtsp://127.0.0.1:${this.#server.port}${PATH}`;
  }

  /** Wrong logins so far; see `lockout`. */
  get loginFailures(): number {
    return this.#guard.failures;
  }

  get(metric: MetricName): SampleValue {
    const value = this.#values.get(metric);
    if (value === undefined)
      throw new RangeError(`the simulated ${this.#profile.id} has no metric ${metric}`);
    return value;
  }

  /** A change of size or rate is for who connects next. `Stream/BitRate` is what pictures are filled up to. */
  set(metric: MetricName, value: SampleValue): void {
    this.get(metric);
    const isSide = metric === "Stream/Width" || metric === "Stream/Height";
    if (isSide && !(Number(value) >= 16 && Number(value) <= SIDE_MAX && Number(value) % 2 === 0)) {
      throw new RangeError(`a picture's side is even and 16 to ${SIDE_MAX} pixels, not ${String(value)}`);
    }
    if (metric === "Stream/FrameRate" && !(Number(value) > 0 && Number(value) <= RATE_MAX)) {
      throw new RangeError(`the simulator plays up to ${RATE_MAX} pictures a second, not ${String(value)}`);
    }
    if (metric === "Stream/Codec" && value !== "h264") {
      throw new RangeError(`the simulator plays h264, not ${String(value)}`);
    }
    this.#values.set(metric, value);
  }

  raise(event: string): never {
    throw new RangeError(`the simulated ${this.#profile.id} has no event ${event}`);
  }

  async open(port: number): Promise<void> {
    await this.#server.listen(port);
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  async fault(fault: SimulatedFault | null): Promise<void> {
    checkFault(fault, this.faults);
    this.#fault = fault;
    this.#guard.mood = fault === "lockout" ? "locked" : fault === "stale-nonce" ? "stale" : "well";
    if (fault === null) this.#guard.failures = 0;
    const tcp = TCP.find((each) => each === fault);
    if (tcp !== undefined || fault === null) await this.#server.fault(tcp ?? null);
  }

  #serve(socket: Socket): void {
    let playing: NodeJS.Timeout | undefined;
    socket.on("close", () => clearInterval(playing));
    converse(socket, this.#guard, (request, reply) => {
      if (request.method === "PLAY") {
        reply("200 OK", ["Session: 1", "Range: npt=0-"]);
        playing ??= this.#play(socket);
      } else {
        const sets = [sequenceParameterSet(...this.#size), pictureParameterSet()];
        answerSetUp(request, reply, descriptionOf(sets));
      }
    });
  }

  get #size(): readonly [width: number, height: number] {
    return [Number(this.get("Stream/Width")), Number(this.get("Stream/Height"))];
  }

  #play(socket: Socket): NodeJS.Timeout {
    const [width, height] = this.#size;
    const rate = Number(this.get("Stream/FrameRate"));
    const sender = new RtpSender(1);
    let count = 0;
    let shown = 0;
    const next = (): void => {
      count += 1;
      if (this.get("Stream/Alive") !== true || this.#fault === "subscription-lost") return;
      const stands = this.get("Stream/Frozen") === true || this.#fault === "stuck";
      if (!stands) shown += 1;
      const scene = this.get("Stream/Black") === true ? () => BLACK : sceneAt(shown, width, height);
      const units = [
        sequenceParameterSet(width, height),
        pictureParameterSet(),
        picture(width, height, count, scene),
      ];
      const bytes = units.reduce((sum, unit) => sum + unit.length, 0);
      const wanted = Math.floor((Number(this.get("Stream/BitRate")) * 1e6) / 8 / rate);
      if (wanted > bytes) units.push(filler(wanted - bytes));
      for (const frame of sender.frames(units, count / rate)) socket.write(frame);
    };
    return setInterval(next, 1_000 / rate);
  }
}

const BALL = 24;

/** A light block that walks along the last row before a background that changes from left to right. */
function sceneAt(count: number, width: number, height: number): Luma {
  const left = (count * 7) % Math.max(1, width - BALL);
  return (x, y) =>
    y >= height - BALL && x >= left && x < left + BALL ? 230 : 40 + Math.floor((x * 120) / width);
}
