/** The `broker` section of the hub's configuration file: where to listen, and who may connect as what. */
import { dirname, resolve } from "node:path";
import { ID_PATTERN } from "@campus-ops/device-profiles/vocabulary";
import {
  type CheckedDocument,
  InvalidDocumentError,
  loadDocument,
  readSecretFile,
} from "@campus-ops/service";
import { type Access, type Credentials, digest } from "./access.ts";

export interface TlsConfiguration {
  readonly certFile: string;
  readonly keyFile: string;
  /** Who signed the clients' certificates. */
  readonly caFile?: string;
  readonly requireClientCertificate?: boolean;
}

export interface ListenConfiguration {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsConfiguration;
}

interface UserConfiguration {
  readonly name: string;
  readonly passwordFile: string;
  readonly role: "edge" | "host" | "monitor";
  readonly campus?: string;
  readonly node?: string;
  readonly hostId?: string;
}

interface HubDocument {
  readonly broker?: {
    readonly listen?: readonly ListenConfiguration[];
    readonly users?: readonly UserConfiguration[];
    readonly denyFile?: string;
  };
}

export interface BrokerConfiguration {
  /** Empty when the file names none: the caller listens on loopback then. File names are absolute. */
  readonly listen: readonly ListenConfiguration[];
  readonly users: ReadonlyMap<string, Credentials>;
  readonly denyFile?: string;
}

/** Listeners and users of one broker. */
const LISTENERS_MAX = 16;
const USERS_MAX = 10_000;

const id = { type: "string", pattern: ID_PATTERN } as const;

export const BROKER_SCHEMA = {
  type: "object",
  properties: {
    broker: {
      type: "object",
      additionalProperties: false,
      properties: {
        listen: {
          type: "array",
          minItems: 1,
          maxItems: LISTENERS_MAX,
          items: {
            type: "object",
            additionalProperties: false,
            required: ["host", "port"],
            properties: {
              host: { type: "string", minLength: 1 },
              port: { type: "integer", minimum: 0, maximum: 65_535 },
              tls: {
                type: "object",
                additionalProperties: false,
                required: ["certFile", "keyFile"],
                properties: {
                  certFile: { type: "string", minLength: 1 },
                  keyFile: { type: "string", minLength: 1 },
                  caFile: { type: "string", minLength: 1 },
                  requireClientCertificate: {
                    type: "boolean",
                    description:
                      "refuse clients without a certificate that caFile signed; the certificate then says who a client is, and no user name does",
                  },
                },
              },
            },
          },
        },
        denyFile: {
          type: "string",
          minLength: 1,
          description:
            "serial numbers of certificates that are good no more, one a line; watched, and in force at once",
        },
        users: {
          type: "array",
          maxItems: USERS_MAX,
          items: {
            type: "object",
            additionalProperties: false,
            required: ["name", "passwordFile", "role"],
            properties: {
              name: { type: "string", minLength: 1, maxLength: 128 },
              passwordFile: {
                type: "string",
                minLength: 1,
                description: "file of mode 0600; made at the first start when it is missing",
              },
              role: {
                type: "string",
                enum: ["edge", "host", "monitor"],
                description:
                  "edge: its own topics alone; host: all of Sparkplug; monitor: hears everything, says nothing",
              },
              campus: id,
              node: id,
              hostId: { type: "string", pattern: "^[^+#/]{1,64}$" },
            },
          },
        },
      },
    },
  },
} as const;

/** Reads the section and the password files it names. Throws `InvalidDocumentError`, with every problem there is. */
export function loadBrokerConfiguration(file: string): BrokerConfiguration {
  const document = loadDocument<HubDocument>(file, BROKER_SCHEMA);
  const section = document.value.broker ?? {};
  const folder = dirname(resolve(file));
  const users = readUsers(document, section.users ?? [], folder);
  const listen = (section.listen ?? []).map(
    (each): ListenConfiguration =>
      each.tls === undefined ? each : { ...each, tls: absolute(each.tls, folder) },
  );
  const problems = listen.flatMap(({ tls }, index) =>
    tls?.requireClientCertificate === true && tls.caFile === undefined
      ? [
          document.locate(
            `broker.listen.${index}.tls`,
            "requireClientCertificate needs a caFile",
            "requireClientCertificate 需要同时给出 caFile",
          ),
        ]
      : [],
  );
  if (problems.length > 0) throw new InvalidDocumentError(problems);
  const { denyFile } = section;
  return { listen, users, ...(denyFile === undefined ? {} : { denyFile: resolve(folder, denyFile) }) };
}

function absolute(tls: TlsConfiguration, folder: string): TlsConfiguration {
  const { certFile, keyFile, caFile } = tls;
  return {
    ...tls,
    certFile: resolve(folder, certFile),
    keyFile: resolve(folder, keyFile),
    ...(caFile === undefined ? {} : { caFile: resolve(folder, caFile) }),
  };
}

function readUsers(
  document: CheckedDocument<HubDocument>,
  configured: readonly UserConfiguration[],
  folder: string,
): ReadonlyMap<string, Credentials> {
  const users = new Map<string, Credentials>();
  const problems = configured.flatMap((user, index) => {
    const field = `broker.users.${index}`;
    if (users.has(user.name))
      return [document.locate(`${field}.name`, `${user.name} is named twice`, `${user.name} 出现了两次`)];
    const access = accessOf(user);
    if (access === undefined)
      return [document.locate(field, "an edge needs its campus and its node", "边缘盒需要 campus 和 node")];
    const password = readSecretFile(resolve(folder, user.passwordFile));
    if ("problem" in password)
      return [document.locate(`${field}.passwordFile`, password.problem, password.zh)];
    users.set(user.name, { access, passwordDigest: digest(password.text) });
    return [];
  });
  if (problems.length > 0) throw new InvalidDocumentError(problems);
  return users;
}

function accessOf({ role, campus, node, hostId }: UserConfiguration): Access | undefined {
  if (role === "monitor") return { role };
  if (role === "host") return hostId === undefined ? { role } : { role, hostId };
  return campus === undefined || node === undefined ? undefined : { role, campus, node };
}
