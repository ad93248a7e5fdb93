/** Puts what a hub answered in place: certificate, authority, and the agent's configuration. */
import { createHash, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { checkDocument, InvalidDocumentError } from "@campus-ops/service/process";
import { parseDocument } from "yaml";
import { CONFIGURATION_SCHEMA, type ConfigurationDocument } from "../configuration-schema.ts";
import { EnrolmentError } from "./enrolment-client.ts";
import { belongTogether, identityFiles, remove, writeDurably } from "./identity-files.ts";

export interface Installation {
  /** PEM. */
  readonly certificate: string;
  readonly authority: string;
  /** PEM of the key that the certificate is for. */
  readonly key: string;
  /** What the hub says of campus, node, broker and host, and the devices it knows of. */
  readonly configuration: unknown;
  /** Where certificates are renewed: `https://hub:8884`. */
  readonly enrolmentUrl: string;
  /** The agent's configuration file. One that is there keeps its devices and whatever else the hub does not speak of. */
  readonly configurationFile: string;
}

/** What a hub says of a box; everything else in a configuration is the box's own. */
const FROM_THE_HUB = ["campus", "node", "primaryHost"] as const;

const HEADER = `# 边缘盒配置，由入网时写入；devices 可自行增改，保存后即生效。
# Written at enrolment; add and change devices as you like, they take effect when the file is saved.
`;

/** Throws {@link EnrolmentError} `answer-malformed` when it does not fit together; nothing is changed then. */
export function install(given: Installation): void {
  const { authority, certificate, configurationFile, key } = given;
  if (!belongTogether(certificate, key)) throw malformed("the certificate is not for this box's key");
  const files = identityFiles(configurationFile);
  const text = configurationText(given);
  writeDurably(files.authority, authority);
  writeDurably(files.identity, `${key.trimEnd()}\n${certificate.trimEnd()}\n`);
  // Last: where the configuration is, all that it names is there.
  writeDurably(configurationFile, text);
  for (const file of [files.pendingKey, files.nextKey, files.next]) remove(file);
}

export function pinOf(authority: string): string {
  return createHash("sha256").update(new X509Certificate(authority).raw).digest("hex");
}

function configurationText({
  authority,
  configuration,
  configurationFile,
  enrolmentUrl,
}: Installation): string {
  if (typeof configuration !== "object" || configuration === null)
    throw malformed("there is no configuration");
  const told = configuration as Readonly<Record<string, unknown>>;
  const before = existsSync(configurationFile)
    ? readFileSync(configurationFile, "utf8")
    : `${HEADER}devices: []\n`;
  const document = parseDocument(before);
  if (document.errors.length > 0) throw malformed(`${configurationFile} is no YAML; mend it or move it away`);
  const fresh = !existsSync(configurationFile);
  for (const name of FROM_THE_HUB)
    if (told[name] !== undefined) document.set(name, document.createNode(told[name]));
  if (fresh && Array.isArray(told.devices)) document.set("devices", document.createNode(told.devices));
  const identity = "identity/identity.pem";
  document.set(
    "broker",
    document.createNode({
      ...(isRecord(told.broker) ? told.broker : {}),
      tls: { caFile: "identity/ca.pem", caSha256: pinOf(authority), certFile: identity, keyFile: identity },
    }),
  );
  document.set("enrolment", document.createNode({ url: enrolmentUrl }));
  const text = document.toString({ lineWidth: 110 });
  try {
    checkDocument<ConfigurationDocument>(configurationFile, text, CONFIGURATION_SCHEMA);
  } catch (error) {
    if (!(error instanceof InvalidDocumentError)) throw error;
    throw malformed(`the configuration would not be right: ${error.message}`);
  }
  return text;
}

function malformed(why: string): EnrolmentError {
  return new EnrolmentError("answer-malformed", why);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
