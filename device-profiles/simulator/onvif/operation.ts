/** What every operation of a simulated ONVIF device is given, and how it refuses. */
import type { XmlElement } from "../../codecs/xml.ts";
import type { OnvifProfile } from "../../profiles/onvif-profile.ts";
import type { MetricName, SampleValue } from "../../vocabulary/index.ts";
import { CHANNELS } from "../channels.ts";
import type { PullPoints } from "./pull-points.ts";

/** A fault of ONVIF Core, clause 5.8.2: the subcodes inside env:Sender. */
export class SoapFaultError extends Error {
  override readonly name = "SoapFaultError";
  readonly subcodes: readonly string[];
  constructor(subcodes: readonly string[], reason: string) {
    super(reason);
    this.subcodes = subcodes;
  }
}

export interface Camera {
  readonly profile: OnvifProfile;
  /** The camera's clock. */
  readonly clock: () => number;
  readonly pullPoints: PullPoints;
  /** `http://127.0.0.1:port`, where it is reached. */
  readonly origin: () => string;
  get(metric: MetricName): SampleValue;
  set(metric: MetricName, value: SampleValue): void;
  /** Where a recording is played; undefined on a device that keeps none. */
  replayUri(recording: string): string | undefined;
  /** Carries a command out, unless the camera only says so. */
  obey(act: () => void): void;
}

/** A call: the operation's element, the pull point its address names, and a signal for the client's leaving. */
export interface Call {
  readonly operation: XmlElement;
  readonly pullPoint: string;
  readonly signal: AbortSignal;
}

export type Operation = (camera: Camera, call: Call) => string | Promise<string>;

/** Tokens of the video sources, in order. */
export function videoSources({ recording, topics }: OnvifProfile): readonly string[] {
  const several = recording === "channels" || topics.some(({ metric }) => metric.includes("*"));
  return Array.from({ length: several ? CHANNELS : 1 }, (_, i) => `VideoSource_${i + 1}`);
}
