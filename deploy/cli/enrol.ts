/** `campus-ops enrol`: tokens, approvals and revocations at the hub; and the way by USB stick, where there is no network. */
import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { type Language, parseIdentityUri } from "@campus-ops/device-profiles/vocabulary";
import { OperatorError, type Overlay } from "@campus-ops/service";
import { hostOf } from "../pki/configuration.ts";
import { boxIdentity, boxPlan, requireEnrolment } from "../pki/edge-configuration.ts";
import { TOKEN_HOURS } from "../pki/enrolment.ts";
import type { CertificateRow } from "../pki/enrolment-store.ts";
import { enrolledBoxes, keepBoxAccess, mosquittoPlan, writeMosquittoFiles } from "../pki/mosquitto.ts";
import { type OpenedEnrolment, openEnrolment } from "../pki/open.ts";
import { seedText } from "../pki/seed-file.ts";
import { enrolBox, isBoxVerb } from "./enrol-box.ts";
import { outFile, readSmall, required, type Say } from "./enrol-files.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const AUDIT_LINES = 20;

export interface EnrolOptions {
  /** The hub's configuration, or on a box the agent's. */
  readonly config: string;
  /** What was changed in the hub's console. */
  readonly overlays?: readonly Overlay[];
  readonly campus?: string | undefined;
  readonly node?: string | undefined;
  readonly title?: string | undefined;
  readonly devices?: string | undefined;
  readonly out?: string | undefined;
  readonly why?: string | undefined;
  readonly replace: boolean;
  readonly "ca-sha256"?: string | undefined;
}

/** Does what the words say; the lines to print. Throws {@link OperatorError}. */
export async function runEnrol(
  [verb = "list", file]: readonly string[],
  options: EnrolOptions,
  language: Language,
): Promise<readonly string[]> {
  const say: Say = (zh, en) => (language === "zh" ? zh : en);
  if (isBoxVerb(verb)) return enrolBox(verb, file, options, language);
  const { folder } = requireEnrolment(options.config);
  const opened = openEnrolment(folder);
  try {
    return await atTheHub(verb, file, opened, options, say);
  } finally {
    opened.store.close();
  }
}

async function atTheHub(
  verb: string,
  file: string | undefined,
  { authority, enrolment, store }: OpenedEnrolment,
  options: EnrolOptions,
  say: Say,
): Promise<readonly string[]> {
  const who = userInfo().username;
  const configuration = requireEnrolment(options.config);
  const {
    listen: { port },
    mosquitto,
    names: [host],
  } = configuration;
  switch (verb) {
    case "token": {
      const plan = boxPlan(options.config, configuration, options, options.overlays);
      const target = outFile(options.out, "edge.conf", say);
      const token = enrolment.makeToken({ ...plan, replaces: options.replace }, who);
      const expires = Date.now() + TOKEN_HOURS * HOUR_MS;
      writeSecret(target, seedText({ host, port, pin: authority.pin, token, ...plan.identity, expires }));
      return [
        say(
          `已写入 ${target}，令牌 ${TOKEN_HOURS} 小时内有效`,
          `wrote ${target}; its token is good for ${TOKEN_HOURS} hours`,
        ),
        say(
          `中心 ${hostOf(host)}:${port}，证书指纹 ${authority.pin}`,
          `hub ${hostOf(host)}:${port}, fingerprint ${authority.pin}`,
        ),
      ];
    }
    case "sign": {
      const plan = boxPlan(options.config, configuration, options, options.overlays);
      const { campus, node } = plan.identity;
      const target = outFile(options.out, `${campus}.${node}.enrolment.json`, say);
      const asked = readSmall(required(file, say));
      const certificate = await enrolment.sign(asked, { ...plan, replaces: options.replace }, who);
      if (mosquitto !== undefined) keepBoxAccess(mosquitto, enrolledBoxes(store));
      const enrolmentUrl = `https://${hostOf(host)}:${port}`;
      const signed = {
        certificate,
        authority: authority.certificate,
        configuration: plan.configuration,
        enrolmentUrl,
      };
      writeFileSync(target, `${JSON.stringify(signed, undefined, 1)}\n`, { flag: "wx" });
      return [
        say(
          `已写入 ${target}；在盒子上执行：campus-ops-edge enrol install`,
          `wrote ${target}; on the box: campus-ops-edge enrol install`,
        ),
        say(`证书指纹 ${authority.pin}`, `fingerprint ${authority.pin}`),
      ];
    }
    case "approve":
      enrolment.approve(boxIdentity(options), who);
      return [say("已批准；盒子会自动续期", "approved; the box renews by itself")];
    case "revoke": {
      const count = enrolment.revoke(boxIdentity(options), options.why ?? "revoked by hand", who);
      if (mosquitto !== undefined) keepBoxAccess(mosquitto, enrolledBoxes(store));
      return [
        say(
          `已吊销 ${count} 张证书，该盒子的连接随即断开`,
          `revoked ${count} certificates; the box is cut off at once`,
        ),
      ];
    }
    case "broker-files":
      return writeMosquittoFiles(mosquittoPlan(options.config, configuration, store)).map((each) =>
        say(`已写入 ${each}`, `wrote ${each}`),
      );
    case "list":
      return listed(store.certificates(), Date.now(), say);
    case "audit":
      return store
        .audit(AUDIT_LINES)
        .map(({ action, at, outcome, subject, who: by }) =>
          [new Date(at).toISOString(), action, nameOf(subject), outcome, by].join("  "),
        );
    default:
      throw new OperatorError(say(`没有子命令 ${verb}`, `there is no enrol ${verb}; see campus-ops help`));
  }
}

function listed(rows: readonly CertificateRow[], now: number, say: Say): readonly string[] {
  const newest = new Map<string, CertificateRow>();
  for (const row of rows) if (!newest.has(row.identity)) newest.set(row.identity, row);
  if (newest.size === 0) return [say("还没有盒子入网", "no box is enrolled yet")];
  return [...newest.values()].map((row) => {
    const days = Math.floor((row.notAfter - now) / DAY_MS);
    const state =
      row.revoked !== undefined
        ? say("已吊销", "revoked")
        : row.asked !== undefined && row.approved === undefined
          ? say("已过期，等待批准续期", "has ended, waits for approval")
          : days < 0
            ? say(`过期 ${-days} 天`, `ended ${-days} days ago`)
            : say(`剩余 ${days} 天`, `${days} days left`);
    return [nameOf(row.identity), state, row.serial].join("  ");
  });
}

function nameOf(uri: string): string {
  const identity = parseIdentityUri(uri);
  if (identity === undefined) return uri;
  return identity.role === "edge" ? `${identity.campus}/${identity.node}` : identity.hostId;
}

function writeSecret(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600, flag: "wx" });
}
