/**
 * Mosquitto in the broker's place: its configuration, its users and its access lists, out of the hub's configuration and of
 * what was enrolled. Mosquitto knows a box by the common name of its certificate, which says campus and node; it is told of
 * changes by SIGHUP. It takes a right away at once and leaves the connection open: the box is mute and deaf.
 */
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import {
  type CertificateIdentity,
  commonName,
  parseIdentityUri,
} from "@campus-ops/device-profiles/vocabulary";
import { loadDocument, OperatorError, readSecretFile } from "@campus-ops/service";
import { certificateFile } from "./authority.ts";
import { type EnrolmentConfiguration, type MosquittoPlace, serverFile } from "./configuration.ts";
import type { EnrolmentStore } from "./enrolment-store.ts";

export interface MosquittoPlan {
  readonly place: MosquittoPlace;
  /** Folder of the authority and the hub's certificate. */
  readonly pki: string;
  readonly loopbackPort: number;
  readonly tlsPort: number;
  /** The hub's own user on loopback. */
  readonly user: { readonly name: string; readonly password: string };
  readonly boxes: readonly CertificateIdentity[];
}

const MQTT_PORT = 1883;
const MQTTS_PORT = 8883;

const INGEST_OF_A_HUB = {
  type: "object",
  properties: {
    ingest: {
      type: "object",
      properties: {
        broker: {
          type: "object",
          properties: {
            url: { type: "string" },
            username: { type: "string" },
            passwordFile: { type: "string" },
          },
        },
      },
    },
  },
} as const;

interface IngestOfAHub {
  readonly ingest?: {
    readonly broker?: { readonly url?: string; readonly username?: string; readonly passwordFile?: string };
  };
}

/** Throws {@link OperatorError} with what the hub's configuration lacks for a Mosquitto. */
export function mosquittoPlan(
  config: string,
  { brokerUrl, folder, mosquitto: place }: EnrolmentConfiguration,
  store: EnrolmentStore,
): MosquittoPlan {
  const {
    url,
    passwordFile,
    username: name,
  } = loadDocument<IngestOfAHub>(config, INGEST_OF_A_HUB).value.ingest?.broker ?? {};
  if (place === undefined || url === undefined || name === undefined || passwordFile === undefined) {
    throw new OperatorError(
      `${config}: for Mosquitto, enrolment.mosquitto says where its files go, and ingest.broker has url, username and passwordFile`,
    );
  }
  const secret = readSecretFile(resolve(dirname(config), passwordFile));
  if ("problem" in secret)
    throw new OperatorError(`${config}: ingest.broker.passwordFile: ${secret.problem}`);
  return {
    place,
    pki: folder,
    loopbackPort: Number(new URL(url).port || MQTT_PORT),
    tlsPort: Number(new URL(brokerUrl).port || MQTTS_PORT),
    user: { name, password: secret.text },
    boxes: enrolledBoxes(store),
  };
}

/** As our own broker takes them: 1 MiB of payload and 4 KiB around it. */
const PACKET_BYTES_MAX = 1024 * 1024 + 4096;
const KEEPALIVE_SECONDS_MAX = 1_200;

const REPORTS = ["NBIRTH", "NDATA", "NDEATH"];
const DEVICE_REPORTS = ["DBIRTH", "DDATA", "DDEATH"];

export function mosquittoConfiguration({
  loopbackPort,
  pki,
  place: { folder },
  tlsPort,
}: MosquittoPlan): string {
  const server = serverFile(pki);
  return `# Written by campus-ops enrol broker-files, anew each time: changes are lost.
per_listener_settings true
# Durability is the business of the edges' outboxes and of the journal.
persistence false
max_packet_size ${PACKET_BYTES_MAX}

# The hub itself. What belongs to a listener stands below it: above, it would open one more, at port 1883 of every address.
listener ${loopbackPort} 127.0.0.1
allow_anonymous false
allow_zero_length_clientid false
password_file ${join(folder, "passwords")}
acl_file ${join(folder, "hub.acl")}
max_keepalive ${KEEPALIVE_SECONDS_MAX}

# Edge boxes: the certificate says who they are.
listener ${tlsPort}
allow_anonymous false
allow_zero_length_clientid false
require_certificate true
use_identity_as_username true
tls_version tlsv1.3
cafile ${certificateFile(pki)}
certfile ${server}
keyfile ${server}
acl_file ${join(folder, "boxes.acl")}
max_keepalive ${KEEPALIVE_SECONDS_MAX}
`;
}

export function hubAccess(user: string): string {
  return `user ${user}\ntopic read spBv1.0/#\ntopic write spBv1.0/+/NCMD/+\ntopic write spBv1.0/+/DCMD/+/+\ntopic write spBv1.0/STATE/+\n`;
}

/** Whoever is not in it may nothing. */
export function boxAccess(boxes: readonly CertificateIdentity[]): string {
  return boxes
    .map((identity) => {
      const topics =
        identity.role === "host"
          ? [
              "read spBv1.0/#",
              "write spBv1.0/+/NCMD/+",
              "write spBv1.0/+/DCMD/+/+",
              `write spBv1.0/STATE/${identity.hostId}`,
            ]
          : edgeTopics(identity.campus, identity.node);
      return [`user ${commonName(identity)}`, ...topics.map((topic) => `topic ${topic}`), ""].join("\n");
    })
    .join("\n");
}

function edgeTopics(campus: string, node: string): readonly string[] {
  return [
    ...REPORTS.map((type) => `write spBv1.0/${campus}/${type}/${node}`),
    ...DEVICE_REPORTS.map((type) => `write spBv1.0/${campus}/${type}/${node}/+`),
    `read spBv1.0/${campus}/NCMD/${node}`,
    `read spBv1.0/${campus}/DCMD/${node}/+`,
    "read spBv1.0/STATE/+",
  ];
}

/** Of mosquitto_passwd(1), Mosquitto 2: PBKDF2 with SHA-512. */
const ITERATIONS = 20_000;
const SALT_BYTES = 12;
const HASH_BYTES = 64;

export function passwordLine({ name, password }: MosquittoPlan["user"]): string {
  const salt = randomBytes(SALT_BYTES);
  const hash = pbkdf2Sync(password, salt, ITERATIONS, HASH_BYTES, "sha512");
  return `${name}:$7$${ITERATIONS}$${salt.toString("base64")}$${hash.toString("base64")}\n`;
}

/** Everybody with a certificate that was not revoked; one that has ended is turned away by TLS. */
export function enrolledBoxes(store: EnrolmentStore): readonly CertificateIdentity[] {
  const uris = store
    .certificates()
    .flatMap(({ identity, revoked }) => (revoked === undefined ? [identity] : []));
  return [...new Set(uris)].flatMap((uri) => parseIdentityUri(uri) ?? []);
}

/** Writes all files. Mosquitto reads its ports only when it is started. */
export function writeMosquittoFiles(plan: MosquittoPlan): readonly string[] {
  const { place, user } = plan;
  const files = {
    "mosquitto.conf": mosquittoConfiguration(plan),
    "hub.acl": hubAccess(user.name),
    passwords: passwordLine(user),
    "boxes.acl": boxAccess(plan.boxes),
  };
  for (const [name, text] of Object.entries(files)) write(join(place.folder, name), text);
  return Object.keys(files).map((name) => join(place.folder, name));
}

/** After somebody was enrolled or revoked: the list of boxes, and Mosquitto told of it. Throws {@link OperatorError}. */
export function keepBoxAccess(
  { folder, pidFile }: MosquittoPlace,
  boxes: readonly CertificateIdentity[],
): void {
  write(join(folder, "boxes.acl"), boxAccess(boxes));
  if (pidFile === undefined) return;
  try {
    const pid = Number(readFileSync(pidFile, "utf8").trim());
    if (!Number.isInteger(pid) || pid < 2) throw new Error(`${pidFile} holds no process id`);
    process.kill(pid, "SIGHUP");
  } catch (error) {
    throw new OperatorError(
      `Mosquitto could not be told of the new access list (${(error as Error).message}); it goes by the old one. Send it SIGHUP`,
    );
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
