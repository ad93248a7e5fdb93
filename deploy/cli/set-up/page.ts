/** The page of a first start: one form in two languages, without a script. */
import type { Language } from "@campus-ops/device-profiles/vocabulary";

/** What the form asks, as it was sent; passwords are never sent back. */
export const FIELDS = [
  "cityCode",
  "city",
  "countyCode",
  "county",
  "campusId",
  "campus",
  "campuses",
  "names",
  "edgeRanges",
  "administrator",
  "mqttsPort",
  "enrolmentPort",
] as const;
export type Field = (typeof FIELDS)[number];
/** What may be left empty. */
export const OPTIONAL: ReadonlySet<Field> = new Set(["campuses", "edgeRanges"]);
export type Entered = Readonly<Record<Field, string>>;

interface Line {
  readonly field: Field;
  readonly zh: string;
  readonly en: string;
  readonly hint?: string;
}

const PLACE: readonly Line[] = [
  { field: "cityCode", zh: "城市代码", en: "City, code", hint: "990100" },
  { field: "city", zh: "城市名称", en: "City, name", hint: "临澜市/Linlan" },
  { field: "countyCode", zh: "区县代码", en: "County, code", hint: "990102" },
  { field: "county", zh: "区县名称", en: "County, name", hint: "启云区/Qiyun" },
  { field: "campusId", zh: "校区编号", en: "Campus, id", hint: "qiyun-no1" },
  { field: "campus", zh: "校区名称", en: "Campus, name", hint: "启云一中/Qiyun No. 1" },
];
const CAMPUSES: Line = {
  field: "campuses",
  zh: "其他校区（可不填，每行一个：编号 名称）",
  en: "Other campuses (may be left empty; one a line: id name)",
  hint: "qiyun-no2 启云二中/Qiyun No. 2",
};
const EDGE: Line = {
  field: "edgeRanges",
  zh: "本机也直接连接设备的网段（可不填；没有单独的边缘盒时填写）",
  en: "Addresses at which this machine reads devices itself (may be left empty; for a school without a box)",
  hint: "192.168.10.0/24",
};
const MACHINE: readonly Line[] = [
  {
    field: "names",
    zh: "本机名称或地址，盒子以第一个为准",
    en: "Names and addresses of this machine; boxes use the first",
  },
  { field: "mqttsPort", zh: "盒子上报的端口", en: "Port that boxes report to" },
  { field: "enrolmentPort", zh: "盒子入网的端口", en: "Port that boxes enrol at" },
];

export function formPage(entered: Entered, problem: string | undefined): string {
  return page(
    `<h1>新建平台 <small lang="en">Set up this hub</small></h1>
<p>演示数据已清除。填写学校与管理员，平台随后以真实模式启动。名称可写成“中文/English”；编号会写进证书和历史数据，用起来之后不要再改。</p>
<p lang="en">The demonstration is cleared. Say which school this is and who its administrator is; the hub then starts for real. A name may read 中文/English. Codes and ids go into certificates and history: do not change them later.</p>
${problem === undefined ? "" : `<p class="problem" role="alert">${escaped(problem)}</p>`}
<form method="post" action="/set-up" autocomplete="off">
<fieldset><legend>学校 <small lang="en">School</small></legend>${PLACE.map((each) => line(each, entered)).join("")}${lines(CAMPUSES, entered)}</fieldset>
<fieldset><legend>管理员 <small lang="en">Administrator</small></legend>
${line({ field: "administrator", zh: "账号", en: "Account" }, entered)}
${password("password", "密码（至少 12 个字符）", "Password (12 characters or more)")}
${password("again", "再输一遍密码", "The same password again")}</fieldset>
<fieldset><legend>本机 <small lang="en">This machine</small></legend>${MACHINE.map((each) => line(each, entered)).join("")}${line(EDGE, entered)}
<p>边缘盒之后用 U 盘入网：控制台“盒子入网”。<span lang="en">Boxes join by a stick afterwards: Box enrolment in the console.</span></p></fieldset>
<button>创建并启动 <span lang="en">Make it and start</span></button>
</form>`,
  );
}

export function donePage(address: string, pin: string): string {
  return page(
    `<h1>平台已创建，正在启动 <small lang="en">The hub is made, and starts now</small></h1>
<p>约半分钟后打开下面的地址，用刚才的管理员账号登录。浏览器会提示证书由本平台自己签发：核对指纹，或先导入数据文件夹中的 pki/ca.crt。</p>
<p lang="en">Open the address below in about half a minute, and sign in as the administrator. The browser will say that the certificate is this hub's own: compare the fingerprint, or import pki/ca.crt of the data folder first.</p>
<p class="pin">${escaped(pin)}</p>
<p><a href="${escaped(address)}">${escaped(address)}</a></p>`,
  );
}

/** The language in which a problem is told. */
export function languageAsked(header: string | undefined): Language {
  const zh = (header ?? "").search(/\bzh\b/i);
  const en = (header ?? "").search(/\ben\b/i);
  return en >= 0 && (zh < 0 || en < zh) ? "en" : "zh";
}

export const STYLE = `:root { color-scheme: light dark; }
body { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem; font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; }
small, label span { font-size: 0.85em; font-weight: normal; }
fieldset { display: grid; gap: 0.8rem; margin: 0 0 1rem; border: 1px solid; border-radius: 6px; }
label { display: grid; gap: 0.2rem; }
input, textarea, button { padding: 0.5rem; border: 1px solid; border-radius: 4px; font: inherit; }
.problem { padding: 0.6rem 0.9rem; border: 2px solid; border-radius: 6px; font-weight: 600; white-space: pre-line; }
.pin { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
`;

function line({ en, field, hint, zh }: Line, entered: Entered): string {
  const example = hint === undefined ? "" : ` placeholder="${escaped(hint)}"`;
  return `<label>${zh} <span lang="en">${en}</span><input name="${field}" value="${escaped(entered[field])}"${example}${OPTIONAL.has(field) ? "" : " required"} maxlength="200"></label>`;
}

const lines = ({ en, field, hint = "", zh }: Line, entered: Entered): string =>
  `<label>${zh} <span lang="en">${en}</span><textarea name="${field}" rows="3" placeholder="${escaped(hint)}" maxlength="4000">${escaped(entered[field])}</textarea></label>`;

const password = (name: string, zh: string, en: string): string =>
  `<label>${zh} <span lang="en">${en}</span><input type="password" name="${name}" required maxlength="128" autocomplete="new-password"></label>`;

const page = (body: string): string =>
  `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>新建平台 · Set up campus-ops</title><link rel="stylesheet" href="/set-up.css"></head><body><main>${body}</main></body></html>`;

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
