/** The printable page of an alarm's bundle. A pure function of the bundle, so that verifying can make it again. */
import { CHINA_TIME, localText, type Timestamp, timeZone } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../api.ts";
import type { Bundle } from "./bundle.ts";
import { escaped } from "./html.ts";
import { type PictureFiles, pictureSection } from "./picture-section.ts";

const PRIORITIES = { 1: "红 · red", 2: "橙 · orange", 3: "黄 · yellow", 4: "蓝 · blue" } as const;

export function pageOf(bundle: Bundle, data: string, pictures: PictureFiles): string {
  const { alarm, hub, exportedAt, exportedBy, chain, head } = bundle;
  // A printed page has one reader: times are those of the school.
  const zone = timeZone(bundle.timeZone ?? CHINA_TIME);
  const time = (at: Timestamp): string => localText(zone, at);
  const facts: readonly (readonly [string, string])[] = [
    ["报警 · Alarm", `${alarm.title.zh} · ${alarm.title.en}`],
    ["级别 · Priority", PRIORITIES[alarm.priority]],
    ["设备 · Device", `${alarm.device.title.zh} (${alarm.device.key})`],
    ["位置 · Asset", alarm.device.path],
    ["发生 · Raised", time(alarm.raisedAt)],
    ["平台收到 · Received", time(alarm.receivedAt)],
    ["恢复 · Returned", alarm.returnedAt === undefined ? "—" : time(alarm.returnedAt)],
    ["原因 · Why", `${alarm.explanation.zh} · ${alarm.explanation.en}`],
    ["规则 · Rule", `${alarm.rule} v${alarm.ruleVersion}`],
    ["处置卡 · Action card", `${alarm.card.action.zh} · ${alarm.card.action.en}`],
  ];
  const history = alarm.transitions.map(({ assignee, at, from, to, event, by, comment }) => [
    time(at),
    `${from} → ${to}`,
    event,
    by,
    [assignee === undefined ? "" : `→ ${assignee ?? "—"}`, comment ?? ""].filter(Boolean).join(" · "),
  ]);
  const links = chain.map(({ n, hash }) => [String(n), hash]);
  return `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title>${escaped(alarm.title.zh)} ${time(alarm.raisedAt)}</title>
<style>
body { font: 14px/1.5 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; width: 100%; margin: 0 0 1.5em; }
th, td { border: 1px solid #999; padding: .3em .6em; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #eee; white-space: nowrap; }
.hash { font-family: monospace; font-size: 11px; }
@media print { body { margin: 0; max-width: none; } tr { break-inside: avoid; } }
</style>
<h1>${escaped(alarm.title.zh)} · ${escaped(alarm.title.en)}</h1>
<p>${escaped(hub.zh)} · ${escaped(hub.en)}；导出 · exported ${time(exportedAt)}，${escaped(exportedBy)}</p>
<table>${facts.map(([name, value]) => `<tr><th>${name}</th><td>${escaped(value)}</td></tr>`).join("\n")}</table>
<h2>证据 · Evidence</h2>
${table(
  ["时间 · time", "设备 · device", "名称 · name", "值 · value", "质量 · quality", "日志 · journal"],
  alarm.evidence.map((sample) => reading(sample, time)),
)}
${pictureSection(alarm.pictures, pictures, time)}<h2>经过 · History</h2>
${table(["时间 · time", "状态 · state", "事件 · event", "谁 · by", "说明 · comment"], history)}
<h2>校验 · Verification</h2>
<p>用 <code>campus-ops verify</code> 可离线校验本文件。Verify this file offline with <code>campus-ops verify</code>. 链首 · head of the chain: ${head.n}, <span class="hash">${escaped(head.hash)}</span></p>
<div class="hash">${table(["n", "SHA-256"], links)}</div>
${data}
</html>
`;
}

function reading(
  { device, name, value, fields, quality, eventTime, journalSeq }: EvidenceSample,
  time: (at: Timestamp) => string,
): string[] {
  const shown =
    fields === undefined
      ? String(value)
      : Object.entries(fields)
          .map(([field, each]) => `${field}: ${String(each)}`)
          .join(", ");
  const doubt = quality.status === "good" ? "good" : `${quality.status}: ${quality.reason}`;
  return [time(eventTime), device, name, shown, doubt, String(journalSeq)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], tag: "th" | "td"): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`;
  return `<table>${[row(head, "th"), ...rows.map((cells) => row(cells, "td"))].join("\n")}</table>`;
}
