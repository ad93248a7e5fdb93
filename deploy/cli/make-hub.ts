/**
 * Makes a hub out of what somebody answered, on a terminal or on the page of the first start: the certificate authority, the
 * hub's own certificate, the first administrator and, last, `hub.yaml`: where that is, all of it is.
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { AccountRefused, openLocalAccounts } from "@campus-ops/dashboards/accounts";
import type { Language } from "@campus-ops/device-profiles/vocabulary";
import { type Environment, OperatorError } from "@campus-ops/service";
import { stringify } from "yaml";
import { Authority, certificateFile } from "../pki/authority.ts";
import { deniedFile, hostOf, serverFile } from "../pki/configuration.ts";
import { titleOf } from "../pki/edge-configuration.ts";
import { ensureServerCertificate } from "../pki/server-certificate.ts";
import { ensureSecret } from "./broker-secrets.ts";
import { checkConfiguration } from "./check-config.ts";
import { toldIn } from "./operator-errors.ts";
import { type OwnBox, type OwnBoxFiles, ownBoxFiles, writeOwnBox } from "./own-box.ts";

/** Code and title; a title in two languages reads `中文/English`. */
export type Named = readonly [code: string, title: string];

export interface HubPlan {
  /** Where `hub.yaml` and `secrets/` go. */
  readonly folder: string;
  readonly city: Named;
  readonly county: Named;
  readonly campuses: readonly Named[];
  /** Names and addresses that the hub is reached by; boxes use the first. */
  readonly names: readonly string[];
  readonly administrator: string;
  /** One is made up where it is undefined. */
  readonly password: string | undefined;
  readonly mqttsPort: number;
  readonly enrolmentPort: number;
  /** The seed file that the hub above made for this one. */
  readonly parent?: string | undefined;
  /** Addresses that this machine reads devices at, for the first campus; undefined where only boxes do. */
  readonly edgeRanges?: string | undefined;
}

const HOST_ID = "hub";

export interface MadeHub {
  /** `hub.yaml`. */
  readonly file: string;
  /** Folder of the certificate authority. */
  readonly pki: string;
  /** Fingerprint of its certificate. */
  readonly pin: string;
  /** The password that was made up. */
  readonly password: string | undefined;
}

/** Throws {@link OperatorError}; what was made until then is used by the next attempt. */
export async function makeHub(plan: HubPlan, environment: Environment, language: Language): Promise<MadeHub> {
  const { folder } = plan;
  const file = join(folder, "hub.yaml");
  mkdirSync(folder, { recursive: true });
  const pki = join(environment.data, "pki");
  mkdirSync(environment.data, { recursive: true, mode: 0o700 });
  const now = Date.now();
  const authority = existsSync(certificateFile(pki))
    ? Authority.open(pki)
    : await Authority.create(pki, `${plan.city[1]} campus-ops`.slice(0, 64), now);
  await ensureServerCertificate(authority, pki, plan.names, now);
  ensureSecret(join(folder, "secrets", "broker-ingest"));
  const box = ownBoxOf(plan, environment);
  const boxFiles = box === undefined ? undefined : ownBoxFiles(folder, environment.data, box);
  if (box !== undefined && boxFiles !== undefined) {
    ensureSecret(boxFiles.secret);
    writeOwnBox(boxFiles, box, HOST_ID);
  }
  const draft = `${file}.new`;
  const text = stringify(hubConfiguration(plan, environment, pki, boxFiles), {
    lineWidth: 110,
    aliasDuplicateObjects: false,
  });
  writeFileSync(draft, `${header(language)}${text}`);
  try {
    checkConfiguration(draft);
  } catch (error) {
    rmSync(draft);
    if (!(error instanceof OperatorError)) throw error;
    throw new OperatorError(
      language === "zh"
        ? `所答不成立：\n${toldIn("zh", error)}`
        : `what was answered cannot be:\n${error.message}`,
    );
  }
  // After the check: an answer that is taken back leaves no account with a password that nobody remembers.
  const password = await firstAdministrator(environment.data, plan, language);
  renameSync(draft, file);
  return { file, pki, pin: authority.pin, password };
}

/** The password that was made up; undefined where one was given, or where there is somebody already. */
async function firstAdministrator(
  data: string,
  { administrator: name, password }: HubPlan,
  language: Language,
): Promise<string | undefined> {
  const local = openLocalAccounts(data);
  try {
    if (local.accounts.named(name) !== undefined) return undefined;
    const given = password === undefined ? {} : { password, own: true };
    const grants = [{ role: "administrator", path: "" }] as const;
    const added = await local.accounts.add({ name, title: name, grants, ...given });
    local.audit("machine:init", "account.add", { account: name, grants });
    return password === undefined ? added.password : undefined;
  } catch (error) {
    if (error instanceof AccountRefused) throw new OperatorError(error.detail[language]);
    throw error;
  } finally {
    local.close();
  }
}

function ownBoxOf(
  { campuses: [campus], city, county, edgeRanges }: HubPlan,
  { mqttPort }: Environment,
): OwnBox | undefined {
  if (edgeRanges === undefined || campus === undefined) return undefined;
  const [id] = campus;
  return { campus: { id, path: [city[0], county[0], id].join("/") }, ranges: edgeRanges, mqttPort };
}

function hubConfiguration(
  { campuses, city, county, enrolmentPort, folder, mqttsPort, names, parent }: HubPlan,
  { mqttPort }: Environment,
  pki: string,
  box: OwnBoxFiles | undefined,
): object {
  const from = (file: string): string => relative(resolve(folder), file) || ".";
  const server = from(serverFile(pki));
  const desk = { desks: ["duty-room"] };
  return {
    site: {
      city: { code: city[0], title: titleOf(city[1]) },
      counties: [
        {
          code: county[0],
          title: titleOf(county[1]),
          campuses: campuses.map(([id, title]) => ({ id, title: titleOf(title) })),
        },
      ],
    },
    broker: {
      listen: [
        { host: "127.0.0.1", port: mqttPort },
        {
          host: "0.0.0.0",
          port: mqttsPort,
          tls: {
            certFile: server,
            keyFile: server,
            caFile: from(certificateFile(pki)),
            requireClientCertificate: true,
          },
        },
      ],
      denyFile: from(deniedFile(pki)),
      users: [
        { name: "ingest", passwordFile: "secrets/broker-ingest", role: "host" },
        ...(box === undefined ? [] : [box.user]),
      ],
    },
    ...(box === undefined ? {} : { edges: [from(box.edge)] }),
    enrolment: {
      folder: from(pki),
      names,
      listen: { host: "0.0.0.0", port: enrolmentPort },
      broker: `mqtts://${hostOf(names[0] ?? "localhost")}:${mqttsPort}`,
    },
    ingest: {
      hostId: HOST_ID,
      broker: {
        url: `mqtt://127.0.0.1:${mqttPort}`,
        username: "ingest",
        passwordFile: "secrets/broker-ingest",
      },
    },
    notify: {
      desks: { "duty-room": { title: { zh: "值班室", en: "Duty room" }, channels: [] } },
      escalation: { 1: [desk], 2: [desk], 3: [desk] },
    },
    dashboards: { host: "0.0.0.0", access: "accounts", tls: { certificateFile: server, keyFile: server } },
    ...(parent === undefined ? {} : { parent: { seed: resolve(parent) } }),
  };
}

const header = (language: Language): string =>
  language === "zh"
    ? "# 由 campus-ops 写入；各项含义见 docs/reference/configuration.md，修改后用 campus-ops check-config 检查。\n"
    : "# Written by campus-ops. docs/reference/configuration.md explains every field; campus-ops check-config checks it.\n";
