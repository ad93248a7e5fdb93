/** A report to print and to hand in: one file, signed by the hub, with its data inside. */
import { createPublicKey, sign, verify } from "node:crypto";
import {
  CHINA_TIME,
  type LocalText,
  localText,
  type Timestamp,
  type TimeZone,
  timeZone,
} from "@campus-ops/device-profiles/vocabulary";
import type { CheckReport, ItemReport, StandardReport, StandardVerdict } from "../core/standards/report.ts";
import type { SigningKey } from "../evidence/signing-key.ts";

export const REPORT_FORMAT = "campus-ops standard report 1";

export interface ReportDocument {
  readonly format: typeof REPORT_FORMAT;
  readonly hub: LocalText;
  readonly campus: LocalText;
  /** IANA name of the times on the page; China's where it says none. */
  readonly timeZone?: string;
  readonly exportedBy: string;
  readonly report: StandardReport;
  /** SPKI, PEM. */
  readonly publicKey: string;
}

interface Sealed {
  readonly document: ReportDocument;
  /** Ed25519 over the document's JSON, base64. */
  readonly signature: string;
}

const DATA_BEGIN = '<script type="application/json" id="report">';
const DATA_END = "</script>";
const VERDICTS: Readonly<Record<StandardVerdict, string>> = {
  met: "达标 · met",
  "not-met": "未达标 · not met",
  "not-verified": "未核实 · not verified",
};

export function sealedReport(
  document: Omit<ReportDocument, "format" | "publicKey">,
  key: SigningKey,
): string {
  const whole: ReportDocument = { format: REPORT_FORMAT, ...document, publicKey: key.public };
  const signature = sign(null, Buffer.from(JSON.stringify(whole)), key.private).toString("base64");
  return fileOf({ document: whole, signature });
}

/** True for a file that says it is one; whether it is genuine, {@link verifyReport} tells. */
export const isReport = (file: string): boolean => file.includes(DATA_BEGIN);

export function verifyReport(file: string): {
  readonly problems: readonly string[];
  readonly document?: ReportDocument;
} {
  const begin = file.indexOf(DATA_BEGIN);
  const end = file.indexOf(DATA_END, begin);
  let sealed: Sealed;
  try {
    sealed = JSON.parse(file.slice(begin + DATA_BEGIN.length, end)) as Sealed;
    const { document, signature } = sealed;
    const problems: string[] = [];
    if (document.format !== REPORT_FORMAT) problems.push(`its format is not “${REPORT_FORMAT}”`);
    const data = Buffer.from(JSON.stringify(document));
    if (!verify(null, data, createPublicKey(document.publicKey), Buffer.from(signature, "base64")))
      problems.push("its signature does not hold: the data was changed");
    // The page is a function of the data: what a person reads is what was signed.
    if (fileOf(sealed) !== file) problems.push("the page does not say what its data says");
    return { problems, document };
  } catch {
    return { problems: ["it holds no report that can be read"] };
  }
}

function fileOf(sealed: Sealed): string {
  const { document } = sealed;
  const { hub, campus, exportedBy, report } = document;
  const { points } = report;
  // A printed page has one reader: times are those of the school.
  const zone = timeZone(document.timeZone ?? CHINA_TIME);
  // "<" occurs in JSON only inside texts, where it may be written so that no text can end the element.
  const data = JSON.stringify(sealed).replaceAll("<", "\\u003c");
  const facts: readonly (readonly [string, string])[] = [
    ["学校 · Campus", both(campus)],
    ["依据 · Source", both(report.source)],
    ["时段 · Range", `${day(zone, report.from)} – ${day(zone, report.to - 1)}`],
    ["日期 · Date", `${day(zone, report.at)}，${exportedBy}`],
    ["下次检查不迟于 · To be examined again by", day(zone, report.examineAgainBy)],
    ["数据完整度 · Completeness", percent(report.completeness)],
    ["一票否决项 · Veto items", VERDICTS[report.veto]],
    [
      "得分 · Score",
      report.score === undefined
        ? "— （无已核实分项 · nothing with points is verified）"
        : `${number(report.score)} / 100 （仅按已核实的 ${number(points.met + points.notMet)} 分折算 · over the ${number(points.met + points.notMet)} points that are verified alone）`,
    ],
    [
      "分值 · Points",
      `达标 · met ${number(points.met)}，未达标 · not met ${number(points.notMet)}，未核实 · not verified ${number(points.notVerified)}，平台不可测 · not measured by the platform ${number(points.notMeasured)}`,
    ],
  ];
  return `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title>${escaped(report.title.zh)} ${escaped(campus.zh)} ${day(zone, report.at)}</title>
<style>
body { font: 14px/1.5 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; width: 100%; margin: 0 0 1.5em; }
th, td { border: 1px solid #999; padding: .3em .6em; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #eee; }
.not-met { font-weight: bold; }
.not-verified { font-style: italic; }
@page { size: A4; margin: 15mm; }
@media print { body { margin: 0; max-width: none; padding: 0; } tr { break-inside: avoid; } h2, h3 { break-after: avoid; } }
</style>
<h1>${escaped(report.title.zh)}<br>${escaped(report.title.en)}</h1>
<p>${escaped(both(hub))}</p>
<table>${facts.map(([name, value]) => `<tr><th>${name}</th><td>${escaped(value)}</td></tr>`).join("\n")}</table>
<p>未知的不算达标；没有使用记录的不达标。What is unknown is never met; use without a record is not met.</p>
<table><tr><th>项目 · item</th><th>条款 · clause</th><th>分值 · points</th><th>结论 · verdict</th><th>完整度 · completeness</th></tr>
${report.items.map(itemRow).join("\n")}</table>
<h2>证据 · Evidence</h2>
${report.items.map((item) => itemSection(item, zone)).join("\n")}
<p>用 <code>campus-ops verify</code> 可离线校验本文件。Verify this file offline with <code>campus-ops verify</code>.</p>
${DATA_BEGIN}${data}${DATA_END}
</html>
`;
}

function itemRow({ title, clause, level, points, verdict, completeness }: ItemReport): string {
  const must = level === "must" ? "必须 · must" : "应当 · should";
  return `<tr class="${verdict}"><td>${escaped(both(title))}<br>${must}</td><td>${escaped(clause)}</td><td>${number(points)}</td><td>${VERDICTS[verdict]}</td><td>${percent(completeness)}</td></tr>`;
}

const itemSection = ({ title, checks }: ItemReport, zone: TimeZone): string =>
  `<h3>${escaped(both(title))}</h3>\n${checks.map((check) => checkSection(check, zone)).join("\n")}`;

function checkSection(check: CheckReport, zone: TimeZone): string {
  const { title, atLeast, low, high, verdict, completeness, records, recordsLeftOut } = check;
  const value =
    high === undefined ? "未知 · unknown" : low === high ? number(low) : `${number(low)} – ${number(high)}`;
  const asked = atLeast === undefined ? "未知 · unknown" : `≥ ${number(atLeast)}`;
  const rows = records.map(
    (record) =>
      `<tr>${[
        record.title?.zh ?? "",
        record.subject,
        record.value === undefined ? "未知 · unknown" : number(record.value),
        record.at === undefined ? "" : time(zone, record.at),
        [record.by, record.note].filter((each) => each !== undefined).join("：") || "",
      ]
        .map((cell) => `<td>${escaped(cell)}</td>`)
        .join("")}</tr>`,
  );
  const more =
    recordsLeftOut === 0
      ? ""
      : `<p>另有 ${recordsLeftOut} 条未列出 · ${recordsLeftOut} more are not listed</p>`;
  const table =
    rows.length === 0
      ? "<p>没有记录 · no record</p>"
      : `<table><tr><th>名称 · name</th><th>对象 · subject</th><th>值 · value</th><th>时间 · time</th><th>说明 · note</th></tr>\n${rows.join("\n")}</table>`;
  return `<p class="${verdict}">${escaped(both(title))}：${value}（要求 · asked ${asked}）${VERDICTS[verdict]}，完整度 · completeness ${percent(completeness)}</p>\n${table}${more}`;
}

const both = ({ zh, en }: LocalText): string => `${zh} · ${en}`;
const number = (value: number): string => String(Math.round(value * 1_000) / 1_000);
const percent = (share: number): string => `${Math.floor(share * 1_000) / 10} %`;
const day = (zone: TimeZone, at: Timestamp): string => localText(zone, at).slice(0, 10);
const time = (zone: TimeZone, at: Timestamp): string => localText(zone, at).slice(0, 19);

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
