/** SOAP calls to one camera: WS-Security and HTTP Digest, the camera's clock, faults as errors. */
import { createHash, randomBytes } from "node:crypto";
import { decodeDocument } from "@campus-ops/device-profiles/codecs/china-text";
import {
  type EndpointReference,
  envelope,
  getSystemDateAndTime,
  type OnvifRequest,
  passwordDigestInput,
  type UsernameToken,
} from "@campus-ops/device-profiles/codecs/onvif-requests";
import {
  isLoginRefused,
  parseSoap,
  parseSystemDateAndTime,
  type SoapAnswer,
  type SoapFault,
} from "@campus-ops/device-profiles/codecs/onvif-responses";
import { MalformedXmlError, type XmlElement } from "@campus-ops/device-profiles/codecs/xml";
import { type DeviceTarget, type DriverEnvironment, DriverError } from "../driver.ts";
import { type DigestLogin, withDigest } from "../http/digest.ts";
import { exchange, type HttpAnswer, type HttpRequest } from "../http/exchange.ts";

export interface OnvifLimits {
  readonly request_ms: number;
  /** How long a camera may hold a PullMessages back. The exchange waits `request_ms` longer. */
  readonly pull_ms: number;
  readonly subscription_ms: number;
  readonly soapBytes_max: number;
  readonly snapshotBytes_max: number;
}

export const ONVIF_LIMITS: OnvifLimits = {
  request_ms: 10_000,
  pull_ms: 60_000,
  subscription_ms: 120_000,
  soapBytes_max: 1_048_576,
  snapshotBytes_max: 8_388_608,
};

/** GetSystemDateAndTime tells whole seconds: a smaller offset is none. */
const CLOCK_RESOLUTION_ms = 1_000;

/** A service of the camera, or one of its pull points. */
export interface SoapEndpoint {
  readonly url: URL;
  readonly referenceParameters: EndpointReference["referenceParameters"];
}

export class SoapClient {
  /** The camera's clock minus ours, as last measured. */
  clockOffset_ms = 0;
  /** What event times are corrected by: one bad measurement moves the login, which needs the newest, and not them. */
  eventOffset_ms = 0;
  readonly limits: OnvifLimits;
  readonly #device: URL;
  readonly #deviceService: SoapEndpoint;
  readonly #login: DigestLogin | undefined;
  readonly #now: () => number;
  readonly #clockOffset: DriverEnvironment["clockOffset"];

  constructor(target: DeviceTarget, environment: DriverEnvironment, limits: OnvifLimits) {
    const { url, username, secret } = target;
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw new DriverError("unsupported", `${url.href} is not the address of an ONVIF device service`, {
        retry: false,
      });
    }
    this.#device = url;
    this.#deviceService = { url, referenceParameters: [] };
    this.#now = environment.now;
    this.#clockOffset = environment.clockOffset;
    this.#login = username === undefined ? undefined : { username, password: secret ?? "" };
    this.limits = limits;
  }

  /**
   * The camera behind an address that it gives for itself. A foreign host is its name in its own network, behind a
   * translated address: it is asked where it was found, and the login goes nowhere else.
   */
  onThisHost(address: string): URL {
    let url: URL;
    try {
      url = new URL(address, this.#device);
    } catch (error) {
      throw this.#garbage("gives an address that is none", error);
    }
    if (url.hostname === this.#device.hostname && url.protocol === this.#device.protocol) return url;
    const moved = new URL(this.#device);
    moved.pathname = url.pathname;
    moved.search = url.search;
    return moved;
  }

  service(address: string, referenceParameters: SoapEndpoint["referenceParameters"] = []): SoapEndpoint {
    return { url: this.onThisHost(address), referenceParameters };
  }

  /** Measures the camera's clock; needs no login (ONVIF Core, clause 5.9.4.3: access class PRE_AUTH). */
  async readClock(signal: AbortSignal): Promise<number> {
    const before = this.#now();
    const body = await this.#anonymously(getSystemDateAndTime, signal);
    const after = this.#now();
    const clock = parseSystemDateAndTime(body);
    if (clock === undefined) throw this.#garbage("tells no time");
    const offset = clock + CLOCK_RESOLUTION_ms / 2 - (before + after) / 2;
    this.clockOffset_ms = Math.abs(offset) <= CLOCK_RESOLUTION_ms ? 0 : offset;
    const uncertainty_ms = (Math.max(0, after - before) + CLOCK_RESOLUTION_ms) / 2;
    this.eventOffset_ms =
      this.#clockOffset?.({ offset_ms: this.clockOffset_ms, uncertainty_ms }) ?? this.clockOffset_ms;
    return this.clockOffset_ms;
  }

  async #anonymously(request: OnvifRequest, signal: AbortSignal): Promise<XmlElement> {
    try {
      return await this.#attempt(this.#deviceService, request, undefined, this.limits.request_ms, signal);
    } catch (error) {
      // Some cameras want a login even here.
      if (!isRefusal(error) || this.#login === undefined) throw error;
      return await this.#attempt(this.#deviceService, request, this.#login, this.limits.request_ms, signal);
    }
  }

  callDevice(request: OnvifRequest, signal: AbortSignal): Promise<XmlElement> {
    return this.call(this.#deviceService, request, signal);
  }

  /**
   * One operation; resolves to the SOAP body. A refused login is tried a second time only when the camera's clock has
   * moved since it was last read, so that no account is locked.
   */
  async call(
    endpoint: SoapEndpoint,
    request: OnvifRequest,
    signal: AbortSignal,
    timeout_ms: number = this.limits.request_ms,
  ): Promise<XmlElement> {
    try {
      return await this.#attempt(endpoint, request, this.#login, timeout_ms, signal);
    } catch (error) {
      if (!isRefusal(error) || this.#login === undefined) throw error;
      const before = this.clockOffset_ms;
      if (Math.abs((await this.readClock(signal)) - before) <= CLOCK_RESOLUTION_ms) throw error;
      return await this.#attempt(endpoint, request, this.#login, timeout_ms, signal);
    }
  }

  /** GET with HTTP Digest, for the snapshot. */
  async fetch(url: URL, signal: AbortSignal): Promise<Buffer> {
    const { request_ms, snapshotBytes_max } = this.limits;
    const request = { method: "GET", timeout_ms: request_ms, bytes_max: snapshotBytes_max } as const;
    const answer = await this.#withDigest(url, request, this.#login, signal);
    if (answer.status === 401) throw this.#refused("HTTP status 401");
    if (answer.status !== 200) {
      throw new DriverError("device-exception", `camera ${url.host}: HTTP status ${answer.status}`, {
        retry: true,
      });
    }
    return answer.body;
  }

  async #attempt(
    endpoint: SoapEndpoint,
    request: OnvifRequest,
    login: DigestLogin | undefined,
    timeout_ms: number,
    signal: AbortSignal,
  ): Promise<XmlElement> {
    const { url, referenceParameters } = endpoint;
    const to = url === this.#device ? undefined : { address: url.href, referenceParameters };
    const token = login === undefined ? undefined : this.#token(login);
    const post: HttpRequest = {
      method: "POST",
      headers: { "content-type": `application/soap+xml; charset=utf-8; action="${request.action}"` },
      body: envelope(request, token, to),
      timeout_ms,
      bytes_max: this.limits.soapBytes_max,
    };
    const answer = await this.#withDigest(url, post, login, signal);
    if (answer.status === 401) throw this.#refused("HTTP status 401");
    const soap = this.#parse(answer);
    if (soap.kind === "fault") throw this.#fault(soap.fault);
    return soap.body;
  }

  async #withDigest(
    url: URL,
    request: HttpRequest,
    login: DigestLogin | undefined,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { method, headers } = request;
    const send = (authorization: string | undefined): Promise<HttpAnswer> =>
      exchange(
        url,
        authorization === undefined ? request : { ...request, headers: { ...headers, authorization } },
        signal,
      );
    return await withDigest(send, login, { method, uri: `${url.pathname}${url.search}` });
  }

  #token({ username, password }: DigestLogin): UsernameToken {
    const nonce = randomBytes(16);
    const created = new Date(this.#now() + this.clockOffset_ms).toISOString();
    const digest = createHash("sha1")
      .update(passwordDigestInput(nonce, created, password))
      .digest("base64");
    return { username, created, digest, nonce: nonce.toString("base64") };
  }

  #parse(answer: HttpAnswer): SoapAnswer {
    try {
      const soap = parseSoap(decodeDocument(answer.body));
      if (soap !== undefined) return soap;
    } catch (error) {
      if (!(error instanceof MalformedXmlError)) throw error;
      throw this.#garbage(`answers (HTTP status ${answer.status}) with no XML`, error);
    }
    throw this.#garbage(`answers (HTTP status ${answer.status}) with no SOAP`);
  }

  #fault(fault: SoapFault): DriverError {
    if (isLoginRefused(fault)) return this.#refused(fault.reason);
    const codes = fault.codes.join("/");
    const unsupported = fault.codes.some((code) => UNSUPPORTED.has(code));
    return new DriverError(
      unsupported ? "unsupported" : "device-exception",
      `camera ${this.#device.host}: ${fault.reason} (${codes})`,
      { retry: !unsupported },
    );
  }

  #refused(reason: string): DriverError {
    return new DriverError(
      "login-refused",
      `camera ${this.#device.host} refuses the login (${reason}): check user name and password`,
      { retry: false },
    );
  }

  #garbage(what: string, cause?: unknown): DriverError {
    return new DriverError("garbage", `camera ${this.#device.host} ${what}`, { retry: true, cause });
  }
}

const UNSUPPORTED: ReadonlySet<string> = new Set(["ActionNotSupported", "OptionalActionNotImplemented"]);

function isRefusal(error: unknown): boolean {
  return error instanceof DriverError && error.kind === "login-refused";
}
