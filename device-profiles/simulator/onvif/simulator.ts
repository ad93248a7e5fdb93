/** A simulated ONVIF camera: a real HTTP server with SOAP services, pull-point events and a picture. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { encodeGb18030 } from "../../codecs/china-text.ts";
import { NAMESPACES } from "../../codecs/onvif-requests.ts";
import { descend, escapeXml, MalformedXmlError, parseXml, XML_CHARACTERS_MAX } from "../../codecs/xml.ts";
import { type OnvifProfile, onvifFamilies, onvifMetrics } from "../../profiles/onvif-profile.ts";
import type { EventName, MetricName, SampleValue } from "../../vocabulary/index.ts";
import { channelMetrics, familyOf } from "../channels.ts";
import { CLOCK_FAULTS, DeviceClock } from "../device-clock.ts";
import { DigestGuard } from "../http/digest-guard.ts";
import { ImpairedSocket } from "../impairment.ts";
import { takePicture } from "../picture.ts";
import { ReplayServer } from "../rtsp/replay-server.ts";
import {
  checkFault,
  LINE_FAULTS,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";
import { Authentication } from "./authentication.ts";
import { notification, PRE_AUTH, perform, playedTopics } from "./camera-services.ts";
import { accessNotification } from "./door-services.ts";
import { type Camera, SoapFaultError } from "./operation.ts";
import { PullPoints } from "./pull-points.ts";
import { recordingOf } from "./recording-services.ts";

/**
 * Starts a camera on loopback. With `options.username` it asks for that login, `options.secret` its password.
 * `set("Connectivity/ClockOffset", seconds)` puts its clock wrong.
 */
export async function startOnvifSimulator(
  profile: OnvifProfile,
  options: SimulatorOptions = {},
): Promise<SimulatedDevice> {
  const camera = new SimulatedCamera(profile, options);
  await camera.open();
  return camera;
}

const ONVIF_FAULTS = [
  ...LINE_FAULTS,
  ...CLOCK_FAULTS,
  "half-open",
  "fragmented",
  "late-replies",
  "lockout",
  "stale-nonce",
  "replay",
  "reboot-loop",
  "subscription-lost",
  "not-done",
  "mislabelled-text",
] as const satisfies readonly SimulatedFault[];

/** What is not false at first, by the metric's last part. */
const AT_REST: Readonly<Record<string, SampleValue>> = { Preset: "1", KeptDays: 30.5, Mode: "controlled" };
const DAMAGING: readonly SimulatedFault[] = [
  ...LINE_FAULTS,
  "fragmented",
  "replay",
  "subscription-lost",
  "reboot-loop",
];
/** What a camera that sends its last messages again remembers of them. */
const REPLAYED_MAX = 20;
const NO_NOISE = new Uint8Array();
const HALF_A_CHARACTER = Uint8Array.of(0xc8);
/** So many exchanges a camera gets through between two restarts. */
const EXCHANGES_A_LIFE = 7;

class SimulatedCamera implements SimulatedDevice, Camera {
  readonly profile: OnvifProfile;
  readonly pullPoints: PullPoints;
  readonly #clock: DeviceClock;
  readonly #authentication: Authentication;
  readonly #guard: DigestGuard;
  readonly #values: Map<MetricName, SampleValue>;
  readonly #replay: ReplayServer | undefined;
  #port: number;
  #server: http.Server | undefined;
  readonly faults = ONVIF_FAULTS;
  #fault: SimulatedFault | null = null;
  /** Connections that nothing comes through any more. */
  #silent: ReadonlySet<Socket> = new Set();
  readonly #connections = new Set<Socket>();
  #exchanges = 0;
  /** The last messages, the oldest first. */
  #told: string[] = [];
  /** The last answer, while answers are late: it goes out when the next request has come. */
  #held: (() => void) | undefined;

  constructor(profile: OnvifProfile, options: SimulatorOptions) {
    this.profile = profile;
    this.#clock = new DeviceClock(options.now);
    this.#port = options.port ?? 0;
    const { username, secret } = options;
    const account = username === undefined ? undefined : { username, password: secret ?? "" };
    this.#authentication = new Authentication(account, this.clock);
    this.#guard = new DigestGuard(account);
    if (profile.recording !== undefined)
      this.#replay = new ReplayServer(account, (token) => recordingOf(this, token));
    this.pullPoints = new PullPoints(this.clock, (id) => {
      if (this.#fault === "replay") for (const message of this.#told) this.pullPoints.push(message, id);
    });
    this.#values = new Map<MetricName, SampleValue>([
      ["Properties/Vendor", "campus-ops simulator"],
      ["Properties/Model", profile.model],
      ["Properties/Serial", "20230912345678901234"],
      ["Properties/Firmware", "1.0"],
      ["Connectivity/ClockOffset", 0],
    ]);
    const families = channelMetrics(onvifFamilies(profile));
    for (const metric of [...onvifMetrics(profile), ...families]) {
      if (!this.#values.has(metric))
        this.#values.set(metric, AT_REST[metric.split("/").at(-1) ?? ""] ?? false);
    }
    if (profile.recording === "device") this.#values.set("Recording/Active", true);
  }

  readonly clock = (): number => this.#clock.now() + Number(this.get("Connectivity/ClockOffset")) * 1000;

  readonly origin = (): string => `http://127.0.0.1:${this.#port}`;

  get url(): string {
    return `${this.origin()}/onvif/device_service`;
  }

  replayUri(recording: string): string | undefined {
    return this.#replay?.uri(recording);
  }

  get(metric: MetricName): SampleValue {
    const value = this.#values.get(metric);
    if (value === undefined) throw new RangeError(`the simulated ${this.profile.id} has no metric ${metric}`);
    return value;
  }

  /** A property that changes is told to every pull point at once. */
  set(metric: MetricName, value: SampleValue): void {
    const before = this.get(metric);
    this.#values.set(metric, value);
    if (before === value) return;
    const { channel, family } = familyOf(metric);
    const topic = playedTopics(this.profile).find((each) => each.metric === family);
    const source = `VideoSource_${channel}`;
    if (topic !== undefined) this.#tell(notification(this, topic, "Changed", source));
  }

  raise(event: EventName, fields: Readonly<Record<string, SampleValue>>): void {
    if (this.profile.door !== true) {
      throw new RangeError(`the simulated ${this.profile.id} has no event ${event}`);
    }
    this.#tell(accessNotification(this, event, fields));
  }

  #tell(message: string): void {
    this.#told = [...this.#told, message].slice(-REPLAYED_MAX);
    this.pullPoints.push(message);
  }

  obey(act: () => void): void {
    if (this.#fault !== "not-done") act();
  }

  async open(): Promise<void> {
    const server = http.createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    server.on("connection", (socket) => {
      this.#connections.add(socket);
      if (this.#fault === "fragmented") new ImpairedSocket(socket, "fragmented", NO_NOISE);
      socket.on("close", () => this.#connections.delete(socket));
    });
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    await this.#replay?.open();
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
    await this.#replay?.close();
  }

  /** A broken camera drops its connections and, as after a restart, its pull points. */
  async fault(fault: SimulatedFault | null): Promise<void> {
    checkFault(fault, this.faults);
    this.#fault = fault;
    this.#held?.();
    this.#held = undefined;
    this.#guard.mood = fault === "stale-nonce" ? "stale" : "well";
    this.#clock.fault(fault);
    this.#silent = new Set(fault === "half-open" ? this.#connections : []);
    if (fault !== null && DAMAGING.includes(fault)) {
      if (fault !== "subscription-lost") this.#server?.closeAllConnections();
      this.pullPoints.clear();
    }
    if (fault === "down") await this.close();
    else if (this.#server === undefined) await this.open();
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (this.#fault === "hang" || this.#silent.has(request.socket)) return;
    this.#held?.();
    this.#held = undefined;
    this.#exchanges += 1;
    if (this.#fault === "reboot-loop" && this.#exchanges % EXCHANGES_A_LIFE === 0) {
      this.#server?.closeAllConnections();
      this.pullPoints.clear();
      return;
    }
    if (this.#fault === "garbage") {
      response.end(randomBytes(64));
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? "/", this.origin());
    if (pathname === "/snapshot.jpg") this.#serveSnapshot(request, response);
    else if (request.method !== "POST") response.writeHead(405).end();
    else await this.#serveSoap(request, response, searchParams.get("Idx") ?? "");
  }

  #serveSnapshot(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method = "", url = "" } = request;
    if (!this.#guard.accepts(method, url, request.headers.authorization)) {
      response.setHeader("www-authenticate", this.#guard.challenges(url));
      response.writeHead(401).end();
      return;
    }
    const picture = takePicture({
      time_ms: this.clock(),
      motion: this.#values.get("Motion/Active") === true,
      loss: this.#values.get("Video/Loss") === true,
      tamper: this.#values.get("Video/Tamper") === true,
    });
    response.writeHead(200, { "content-type": "image/jpeg", "content-length": picture.length }).end(picture);
  }

  async #serveSoap(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    pullPoint: string,
  ): Promise<void> {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    // Many ask for both: the token inside, and HTTP's own login outside.
    const { method = "", url = "" } = request;
    if (this.#fault === "stale-nonce" && !this.#guard.accepts(method, url, request.headers.authorization)) {
      request.resume();
      response.setHeader("www-authenticate", this.#guard.challenges(url));
      response.writeHead(401, { "Content-Length": 0 }).end();
      return;
    }
    let status = 200;
    let body: string;
    try {
      const envelope = parseXml(await readBody(request));
      const operation = descend(envelope, "Body")?.children[0];
      if (operation === undefined) throw new SoapFaultError(["ter:WellFormed"], "the envelope has no body");
      const isLetIn = this.#fault !== "lockout" && this.#authentication.acceptsSoap(envelope);
      if (!PRE_AUTH.has(operation.name) && !isLetIn) {
        throw new SoapFaultError(["ter:NotAuthorized"], "Sender not Authorized");
      }
      body = await perform(this, { operation, pullPoint, signal: gone.signal });
    } catch (error) {
      if (gone.signal.aborted) return;
      status = 400;
      body = faultBody(error);
    }
    // While a pull waited the camera may have broken.
    if (this.#fault === "hang" || this.#silent.has(request.socket)) return;
    // Simple clients know no chunks, and headers only as they are usually written.
    const text = envelopeOf(body);
    const document = this.#fault === "mislabelled-text" ? inGb18030(text) : Buffer.from(text);
    const type = "application/soap+xml; charset=utf-8";
    const send = (): void => {
      response.writeHead(status, { "Content-Type": type, "Content-Length": document.length }).end(document);
    };
    if (this.#fault === "late-replies") this.#held = send;
    else send();
  }
}

/** What has been cut inside a character, U+FFFD here, ends with the first of its two bytes. */
function inGb18030(text: string): Buffer {
  const pieces = text.split("\ufffd").map(encodeGb18030);
  return Buffer.concat(pieces.flatMap((piece, index) => (index === 0 ? [piece] : [HALF_A_CHARACTER, piece])));
}

async function readBody(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > XML_CHARACTERS_MAX) throw new SoapFaultError(["ter:WellFormed"], "the request is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function faultBody(error: unknown): string {
  if (!(error instanceof SoapFaultError) && !(error instanceof MalformedXmlError)) throw error;
  const subcodes = error instanceof SoapFaultError ? error.subcodes : ["ter:WellFormed"];
  const nested = subcodes.reduceRight(
    (inner, subcode) => `<s:Subcode><s:Value>${subcode}</s:Value>${inner}</s:Subcode>`,
    "",
  );
  return (
    `<s:Fault><s:Code><s:Value>s:Sender</s:Value>${nested}</s:Code>` +
    `<s:Reason><s:Text xml:lang="en">${escapeXml(error.message)}</s:Text></s:Reason></s:Fault>`
  );
}

function envelopeOf(body: string): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="${NAMESPACES.soap}"` +
    ` xmlns:wsa="${NAMESPACES.addressing}" xmlns:tds="${NAMESPACES.device}" xmlns:trt="${NAMESPACES.media}"` +
    ` xmlns:tev="${NAMESPACES.events}" xmlns:wsnt="${NAMESPACES.notification}" xmlns:tt="${NAMESPACES.schema}"` +
    ` xmlns:tns1="${NAMESPACES.topics}" xmlns:ter="http://www.onvif.org/ver10/error"` +
    ` xmlns:wsntw="http://docs.oasis-open.org/wsn/bw-2" xmlns:wsrf-rw="http://docs.oasis-open.org/wsrf/rw-2">` +
    `<s:Body>${body}</s:Body></s:Envelope>`
  );
}
