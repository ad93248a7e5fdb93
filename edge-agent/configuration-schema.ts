/** The JSON schema of an edge agent's YAML file. Meaning beyond shape is checked in `configuration.ts`. */
import { DURATION_PATTERN, ID_PATTERN } from "@campus-ops/device-profiles/vocabulary";
import { DISCOVERY_PROTOCOLS, type DiscoveryProtocol } from "./discovery/finding.ts";

const id = { type: "string", pattern: ID_PATTERN } as const;
const text = { type: "string", minLength: 1, maxLength: 200 } as const;
const file = { type: "string", minLength: 1 } as const;
const localText = {
  type: "object",
  additionalProperties: false,
  required: ["zh", "en"],
  properties: { zh: text, en: text },
} as const;

const brokerUrl = { type: "string", pattern: "^mqtts?://" } as const;

/** MQTT servers that one edge node moves between. */
export const BROKERS_MAX = 8;
export const DEVICES_MAX = 1_000;
/** Logins that a box offers for devices which its hub has it take in. */
export const LOGINS_MAX = 32;
const PORT = { type: "integer", minimum: 1, maximum: 65_535 } as const;
/** Devices and places that one camera is declared to look at. */
export const SEEN_MAX = 32;
/** Of one recorder. */
const CHANNELS_MAX = 256;
/** Ports of one switch that a file may give a room to: a chassis of eight cards. */
export const PORTS_MAX = 384;

export const CONFIGURATION_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["campus", "node", "broker", "devices"],
  properties: {
    campus: {
      type: "object",
      additionalProperties: false,
      required: ["id", "path"],
      properties: { id, path: text },
    },
    node: {
      type: "object",
      additionalProperties: false,
      required: ["id", "title"],
      properties: { id, title: localText },
    },
    broker: {
      type: "object",
      additionalProperties: false,
      properties: {
        url: brokerUrl,
        urls: { type: "array", minItems: 1, maxItems: BROKERS_MAX, uniqueItems: true, items: brokerUrl },
        username: text,
        passwordFile: file,
        tls: {
          type: "object",
          additionalProperties: false,
          properties: {
            caFile: file,
            caSha256: {
              type: "string",
              pattern: "^[0-9a-f]{64}$",
              description:
                "fingerprint of the authority that signs the server's certificate directly; certificates are then judged by the box's own clock",
            },
            certFile: file,
            keyFile: file,
          },
        },
      },
    },
    enrolment: {
      type: "object",
      additionalProperties: false,
      required: ["url"],
      description: "written when the box is enrolled",
      properties: {
        url: {
          type: "string",
          pattern: "^https://",
          description:
            "where the box renews its certificate by itself; broker.tls has caSha256 and one file for key and certificate",
        },
      },
    },
    primaryHost: { type: "string", pattern: "^[^+#/]{1,64}$" },
    handoff: { type: "string", enum: ["acknowledged", "plain"], default: "acknowledged" },
    outbox: {
      type: "object",
      additionalProperties: false,
      default: {},
      properties: {
        file: { type: "string", minLength: 1, default: "outbox.sqlite" },
        maxBytes: { type: "integer", minimum: 1_048_576, default: 1_073_741_824 },
        maxDays: { type: "integer", minimum: 1, maximum: 3_650, default: 90 },
        keepHours: {
          type: "integer",
          minimum: 0,
          maximum: 720,
          default: 36,
          description:
            "how long what the hub has confirmed is kept for a hub that is put back from a backup, in a quarter of maxBytes at most; longer than the hub's backups are apart",
        },
      },
    },
    profilesFolder: { ...file, description: "folder of device profiles of your own, YAML" },
    discovery: {
      type: "object",
      additionalProperties: false,
      required: ["ranges"],
      description:
        "lets the hub have this box search these addresses, and take devices among them into this file; without it neither happens",
      properties: {
        ranges: {
          ...text,
          description: "10.1.0.0/24,10.1.1.5-20: nothing else is ever asked, or taken in",
        },
        protocols: {
          type: "array",
          minItems: 1,
          uniqueItems: true,
          items: { enum: DISCOVERY_PROTOCOLS },
          description: "all of them unless said",
        },
        rate: {
          type: "integer",
          minimum: 1,
          maximum: 200,
          default: 20,
          description: "addresses asked per second",
        },
        ports: {
          type: "object",
          additionalProperties: false,
          properties: Object.fromEntries(DISCOVERY_PROTOCOLS.map((protocol) => [protocol, PORT])),
          description: "other ports than the usual ones",
        },
        communityFiles: {
          type: "array",
          maxItems: 8,
          items: file,
          description: "SNMP communities to try, files of mode 0600; public unless said",
        },
        logins: {
          type: "array",
          maxItems: LOGINS_MAX,
          description: "logins that the hub may name for a device, without ever seeing them",
          items: {
            type: "object",
            additionalProperties: false,
            required: ["name", "username", "secretFile"],
            properties: { name: id, username: text, secretFile: file },
          },
        },
      },
    },
    devices: {
      type: "array",
      maxItems: DEVICES_MAX,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["id", "profile", "title", "at", "url"],
        properties: {
          id,
          profile: text,
          title: localText,
          at: text,
          url: text,
          username: text,
          secretFile: file,
          dependsOn: id,
          sees: {
            type: "array",
            minItems: 1,
            maxItems: SEEN_MAX,
            uniqueItems: true,
            items: text,
            description: "of a camera: devices of this file, and places below the campus, that it looks at",
          },
          clips: {
            type: "string",
            pattern: "^rtsps?://",
            description:
              "of a camera: its stream, of which the last minute is kept in memory for clips of alarms; the small second stream does",
          },
          recordedBy: {
            type: "object",
            additionalProperties: false,
            required: ["device"],
            properties: {
              device: id,
              channel: { type: "integer", minimum: 1, maximum: CHANNELS_MAX, default: 1 },
            },
            description:
              "of a camera: the ONVIF device of this file that records it, a recorder or the camera itself, and on which channel; clips of alarms are played from there where the box keeps none",
          },
          mac: {
            type: "string",
            pattern: "^([0-9a-f]{2}:){5}[0-9a-f]{2}$",
            description: "MAC address, lower case with colons: finds the switch port that it hangs from",
          },
          serves: {
            type: "object",
            required: [],
            minProperties: 1,
            maxProperties: PORTS_MAX,
            propertyNames: { pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$" },
            additionalProperties: text,
            description:
              "of a switch: the classroom, below the campus, that each port serves; ports by ifIndex",
          },
          poll: { type: "string", pattern: DURATION_PATTERN },
          commissioning: {
            type: "string",
            enum: ["required"],
            description: "no alarm on it until its readings are plausible and a person has confirmed it",
          },
        },
      },
    },
  },
} as const;

/** The document as it is written, defaults filled in. */
export interface OutboxConfiguration {
  readonly file: string;
  readonly maxBytes: number;
  readonly maxDays: number;
  readonly keepHours: number;
}

export interface ConfigurationDocument {
  readonly campus: { readonly id: string; readonly path: string };
  readonly node: { readonly id: string; readonly title: { readonly zh: string; readonly en: string } };
  readonly broker: {
    /** One server; or, instead, several in the order in which they are tried. */
    readonly url?: string;
    readonly urls?: readonly string[];
    readonly username?: string;
    readonly passwordFile?: string;
    readonly tls?: {
      readonly caFile?: string;
      readonly caSha256?: string;
      readonly certFile?: string;
      readonly keyFile?: string;
    };
  };
  readonly enrolment?: { readonly url: string };
  readonly primaryHost?: string;
  readonly handoff: "acknowledged" | "plain";
  readonly outbox: OutboxConfiguration;
  readonly profilesFolder?: string;
  readonly discovery?: DiscoveryDocument;
  readonly devices: readonly DeviceDocument[];
}

export interface DiscoveryDocument {
  readonly ranges: string;
  readonly protocols?: readonly DiscoveryProtocol[];
  readonly rate: number;
  readonly ports?: Partial<Readonly<Record<DiscoveryProtocol, number>>>;
  readonly communityFiles?: readonly string[];
  readonly logins?: readonly Login[];
}

export interface Login {
  readonly name: string;
  readonly username: string;
  readonly secretFile: string;
}

export interface DeviceDocument {
  readonly id: string;
  readonly profile: string;
  readonly title: { readonly zh: string; readonly en: string };
  readonly at: string;
  readonly url: string;
  readonly username?: string;
  readonly secretFile?: string;
  readonly dependsOn?: string;
  readonly sees?: readonly string[];
  readonly clips?: string;
  readonly recordedBy?: { readonly device: string; readonly channel?: number };
  readonly mac?: string;
  readonly serves?: Readonly<Record<string, string>>;
  readonly poll?: string;
  readonly commissioning?: "required";
}
