/** What a profile's testcases say: frames as they stand on the wire → what the platform makes of them. */
import type { Varbind } from "../codecs/snmp.ts";
import type { MetricName, Quality, SampleValue, Timestamp } from "../vocabulary/index.ts";
import type { PortNumbering } from "./snmp-numbering.ts";

export interface ExpectedEvent {
  readonly quality: Quality;
  /** Milliseconds since the Unix epoch. */
  readonly eventTime: number;
  readonly fields: Readonly<Record<string, SampleValue>>;
}

/** PDUs in hex, without MBAP header or CRC: they are the same on TCP and on RS-485. */
export interface ModbusTestcase {
  readonly title: string;
  readonly exchanges: readonly (readonly [request: string, response: string])[];
  /** True when the requests are exactly those of one poll, before any record of a log is fetched. */
  readonly poll?: boolean;
  /** Wall clock of the edge box. */
  readonly now?: number;
  /** Each metric's value; or, where it is not good, its value and quality. */
  readonly samples?: Readonly<
    Record<MetricName, SampleValue | { readonly value: SampleValue; readonly quality: Quality }>
  >;
  readonly events?: readonly ExpectedEvent[];
}

/** Whole frames in hex, without the preamble. */
export interface Dlt645Testcase {
  readonly title: string;
  readonly exchanges: readonly (readonly [request: string, response: string])[];
  /** True when the requests are exactly those of one poll, the clock aside. */
  readonly poll?: boolean;
  readonly samples: Readonly<
    Record<MetricName, SampleValue | { readonly value: SampleValue; readonly quality: Quality }>
  >;
}

/** Whole frames of answers in hex, without the preamble. */
export interface Cjt188Testcase {
  readonly title: string;
  /** When they were read, ISO 8601. */
  readonly readAt: string;
  readonly frames: readonly string[];
  /** Others may come as well. */
  readonly samples: Readonly<
    Record<MetricName, SampleValue | { readonly value: SampleValue; readonly quality: Quality }>
  >;
}

/** Lines without their CR. */
export interface PjlinkTestcase {
  readonly title: string;
  readonly lines: readonly (readonly [command: string, answer: string])[];
  readonly samples: Readonly<
    Record<MetricName, SampleValue | { readonly value: SampleValue; readonly quality: Quality }>
  >;
}

/** Bytes in hex, as they stand on the line. */
export interface SerialControlTestcase {
  readonly title: string;
  /** What is sent to set a metric, or to ask for it, `?`. */
  readonly sends?: readonly (readonly [metric: MetricName, value: SampleValue, bytes: string])[];
  /** What the device sends after it was asked for a metric; undefined when that means “not now”. */
  readonly says?: readonly (readonly [bytes: string, metric: MetricName, value: SampleValue | undefined])[];
}

/** Replies in hex from their code on; what they say, by metric, or the card or the keys. */
export interface OsdpTestcase {
  readonly title: string;
  readonly replies: readonly (readonly [bytes: string, Readonly<Record<string, SampleValue>>])[];
}

/** Varbinds of a response. */
export interface SnmpTestcase {
  readonly title: string;
  /** Where the profile's own numbering of ports is not the device's. */
  readonly numbering?: Partial<PortNumbering>;
  readonly varbinds: readonly Varbind[];
  readonly samples: readonly (readonly [metric: MetricName, value: SampleValue, quality: Quality])[];
  /** What the topology tables say of these ports; absent where the case is not about them. */
  readonly topology?: {
    readonly ports: readonly number[];
    readonly samples: readonly (readonly [MetricName, string])[];
  };
}

/** The whole SOAP document that answers a PullMessages. */
export interface OnvifTestcase {
  readonly title: string;
  readonly receivedAt: Timestamp;
  /** The camera's clock minus the edge box's; 0 when absent. */
  readonly clockOffset_ms?: number;
  readonly document: string;
  /** Each without its id. */
  readonly events?: readonly ({ readonly event: string } & ExpectedEvent)[];
  readonly samples: readonly (readonly [
    metric: MetricName,
    value: SampleValue,
    quality: Quality,
    eventTime: Timestamp,
  ])[];
}

/** Whole frames of JT/T 808 in hex, flags included; `credential of <number>` is what the test makes of a card. */
export interface Jt808Testcase {
  readonly title: string;
  readonly frames: readonly string[];
  readonly now: Timestamp;
  readonly samples: Readonly<
    Record<MetricName, SampleValue | { readonly value: SampleValue; readonly quality: Quality }>
  >;
  readonly events: readonly ExpectedEvent[];
}

/** Documents of an ISAPI device: entries of its alert stream, and answers to what it is asked. */
export interface IsapiTestcase {
  readonly title: string;
  readonly receivedAt: Timestamp;
  readonly clockOffset_ms?: number;
  /** `record` is one entry of a search of the access log. */
  readonly documents: readonly {
    readonly kind: "alert" | "record" | "work-status" | "storage";
    readonly text: string;
  }[];
  readonly samples?: readonly ExpectedSample[];
  /** Each without its id. */
  readonly events?: readonly ({ readonly event: string } & ExpectedEvent)[];
}

export type ExpectedSample = readonly [
  metric: MetricName,
  value: SampleValue,
  quality: Quality,
  eventTime: Timestamp,
];

/** Whole frames of GB/T 26875.3 in hex, one after the other; the samples are what holds after the last. */
export interface FireTestcase {
  readonly title: string;
  readonly frames: readonly string[];
  readonly now: Timestamp;
  readonly samples: Readonly<Record<MetricName, SampleValue>>;
  readonly events: readonly ExpectedEvent[];
}

/** Texts of a Dahua device: entries of its event stream, and tables. */
export interface DahuaTestcase {
  readonly title: string;
  readonly receivedAt: Timestamp;
  readonly clockOffset_ms?: number;
  readonly texts: readonly {
    readonly kind: "event" | "records" | "door-status" | "storage";
    readonly text: string;
  }[];
  /** Without times: Dahua's own are only in its records. */
  readonly samples?: readonly (readonly [metric: MetricName, value: SampleValue])[];
  readonly events?: readonly ExpectedEvent[];
}

/** A message of the device's topic, as Zigbee2MQTT publishes it. */
export interface Zigbee2mqttTestcase {
  readonly title: string;
  readonly message: string;
  /** True for what the broker kept. */
  readonly retained?: boolean;
  readonly samples: Readonly<
    Record<MetricName, SampleValue | { readonly value: SampleValue; readonly quality: Quality }>
  >;
  /** Words of the actions told. */
  readonly actions?: readonly string[];
}

/** The payload of an uplink in hex. */
export interface ChirpstackTestcase {
  readonly title: string;
  readonly payload: string;
  readonly samples: Readonly<
    Record<MetricName, SampleValue | { readonly value: SampleValue; readonly quality: Quality }>
  >;
  readonly actions?: readonly string[];
  /** Why it was not read to its end. */
  readonly problem?: string;
}

/** What one probe of a stream brought, and what came before. */
export interface RtspTestcase {
  readonly title: string;
  readonly probes: readonly {
    readonly at: Timestamp;
    /** FFmpeg's framecrc output. */
    readonly packets: string;
    /** The grey of each key picture, one level all over. */
    readonly pictures: readonly number[];
  }[];
  /** Of the last probe; null where nothing can be said. */
  readonly samples: Readonly<Record<MetricName, SampleValue>>;
}

/** What a system posts, or has at its address. */
export interface RecordTestcase {
  readonly title: string;
  readonly document: string;
  readonly now: Timestamp;
  readonly samples: Readonly<
    Record<MetricName, SampleValue | { readonly value: SampleValue; readonly quality: Quality }>
  >;
  readonly events: readonly ExpectedEvent[];
}
