/** What a person has to decide about certificates, told to the hub as the state of one of its parts: its rules make an alarm of it. */
import { readFileSync } from "node:fs";
import { deniedFor, TWIN_REASON } from "@campus-ops/broker/deny-list";
import { commonName, type LocalText, parseIdentityUri } from "@campus-ops/device-profiles/vocabulary";
import type { SocketClient } from "@campus-ops/service/socket-client";
import { deniedFile } from "./configuration.ts";
import type { CertificateRow } from "./enrolment-store.ts";

/** Ingest takes a part that says nothing for a minute for one that is gone. */
export const TELL_MS = 30_000;
const ANSWER_MS_MAX = 5_000;
/** Named in a message; of the others how many they are. */
const NAMES_MAX = 5;
const TITLE: LocalText = { zh: "盒子入网与证书", en: "Enrolment and certificates of edge boxes" };

export interface Attention {
  /** Boxes whose certificate has ended, and who ask to renew it. */
  readonly approvals: readonly string[];
  /** Boxes whose certificate was found on two machines, and who are shut out since. */
  readonly twins: readonly string[];
}

export function needsAttention(certificates: readonly CertificateRow[], denied: string): Attention {
  const shutOut = new Set(deniedFor(denied, TWIN_REASON));
  const names = (rows: readonly CertificateRow[]): readonly string[] => [
    ...new Set(
      rows.flatMap(({ identity }) => {
        const found = parseIdentityUri(identity);
        return found === undefined ? [] : [commonName(found)];
      }),
    ),
  ];
  const good = certificates.filter(({ revoked }) => revoked === undefined);
  return {
    approvals: names(good.filter(({ approved, asked }) => asked !== undefined && approved === undefined)),
    twins: names(good.filter(({ serial }) => shutOut.has(serial))),
  };
}

/** Undefined while nobody has to do anything. */
export function reasonOf({ approvals, twins }: Attention): LocalText | undefined {
  const parts: LocalText[] = [];
  if (twins.length > 0) {
    parts.push({
      zh: `同一证书出现在两台机器上，两台均已断开：${listed(twins, "等")}。请关闭其中一台，另一台用 campus-ops enrol token --replace 重新入网`,
      en: `One certificate is on two machines, and both are shut out: ${listed(twins, "of")}. Switch one off, and enrol the other anew: campus-ops enrol token --replace`,
    });
  }
  if (approvals.length > 0) {
    parts.push({
      zh: `盒子的证书已过期，等待批准续期：${listed(approvals, "等")}（campus-ops enrol approve）`,
      en: `The certificate of a box has ended, and its renewal waits for approval: ${listed(approvals, "of")} (campus-ops enrol approve)`,
    });
  }
  if (parts.length === 0) return undefined;
  return { zh: parts.map(({ zh }) => zh).join("；"), en: parts.map(({ en }) => en).join("; ") };
}

function listed(names: readonly string[], more: "等" | "of"): string {
  const shown = names.slice(0, NAMES_MAX).join(more === "等" ? "、" : ", ");
  if (names.length <= NAMES_MAX) return shown;
  return more === "等" ? `${shown}等 ${names.length} 台` : `${shown} and ${names.length - NAMES_MAX} more`;
}

/** Never rejects: ingest may be away, and is told again. */
export async function tellHub(ingest: SocketClient, attention: Attention): Promise<void> {
  const reason = reasonOf(attention);
  const state = { title: TITLE, working: reason === undefined, ...(reason === undefined ? {} : { reason }) };
  try {
    const { body } = await ingest.fetch("/services/enrolment", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(state),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    await body?.cancel();
  } catch {
    // Told at the next turn.
  }
}

export function deniedText(folder: string): string {
  try {
    return readFileSync(deniedFile(folder), "utf8");
  } catch {
    return "";
  }
}
