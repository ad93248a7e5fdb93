/** What the box says of its updates: shapes, states and codes of deploy/image/README.md. */
export const UPDATE_SOCKET = "/run/campus-ops/update.sock";
export const UPDATE_FILE = "/run/campus-ops/update.json";
export const IMAGE_FILE = "/usr/lib/campus-ops/image.json";
/** Where a bundle may lie; who may ask is decided by the socket's mode. */
export const BUNDLE_FOLDERS = ["/var/lib/campus-ops-edge", "/media", "/run/campus-ops"] as const;
/** An agent may still say what is about to happen. */
export const RESTART_MS = 10_000;

export interface Image {
  readonly compatible: string;
  readonly version: string;
  /** ISO 8601. */
  readonly built: string;
}

export type Slot = "A" | "B";

export interface Running {
  readonly slot: Slot;
  readonly version: string;
}

export interface Texts {
  readonly zh: string;
  readonly en: string;
}

export type State =
  | "idle"
  | "checking"
  | "installing"
  | "waiting"
  | "restarting"
  | "proving"
  | "done"
  | "refused"
  | "failed"
  | "rolled-back";

export interface Update {
  readonly state: State;
  /** While installing, 0 to 100. */
  readonly percent?: number;
  readonly running: Running;
  /** Version of the bundle. */
  readonly target?: string;
  readonly code?: Code;
  readonly message?: Texts;
  /** ISO 8601, by the box's clock. */
  readonly at: string;
}

/** What the box has to remember from one start to the next, beside what it tells. */
export interface Memory {
  readonly update: Update;
  /** The slot that the bundle was written to. */
  readonly into?: Slot;
  /** Whether the agent was with its broker when the installation was asked for. */
  readonly hadBroker?: boolean;
  /** Why the new system gave itself up; the old one tells it. */
  readonly gaveUp?: Code;
}

export type Answer =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly code: Code; readonly message: Texts };

export type Code = keyof typeof MESSAGES;

/** What an operator is told; a detail (RAUC's own words) is put behind it. */
export const MESSAGES = {
  busy: {
    zh: "另一次升级正在进行，请等它结束后再试",
    en: "another installation is under way; try again when it has ended",
  },
  "bad-request": {
    zh: "没有这个升级包，或它不在允许的目录里",
    en: "there is no such bundle, or it lies in none of the folders it may come from",
  },
  "not-a-bundle": {
    zh: "这不是完整的升级包，什么都没有改动；请重新下载或重新拷贝",
    en: "this is no whole bundle, and nothing was changed; download or copy it again",
  },
  "bad-signature": {
    zh: "升级包的签名不对，什么都没有改动；请从中心重新下载，不要使用来历不明的升级包",
    en: "the bundle's signature is not right, and nothing was changed; download it from the hub again, and use none of unknown origin",
  },
  "certificate-expired": {
    zh: "升级包的签名证书已过期，什么都没有改动；请使用新发布的升级包，并检查边缘盒的时钟",
    en: "the certificate that signed the bundle has ended, and nothing was changed; use a newer bundle, and check the box's clock",
  },
  "wrong-compatible": {
    zh: "升级包是给另一种硬件的，什么都没有改动",
    en: "the bundle is for other hardware, and nothing was changed",
  },
  "older-version": {
    zh: "升级包比现在的系统旧，旧系统可能读不了新数据，什么都没有改动",
    en: "the bundle is older than what runs, which may have written data that an older one cannot read; nothing was changed",
  },
  "same-version": { zh: "现在运行的就是这个版本", en: "this version runs already" },
  "content-damaged": {
    zh: "升级包的内容与签名不符，现在的系统没有受影响；请重新下载",
    en: "the bundle's content is not what was signed; what runs is untouched. Download it again",
  },
  "bundle-exchanged": {
    zh: "写入的不是检查过的那个升级包，已作废，现在的系统没有受影响；请重新下载，并请管理员查看这台边缘盒",
    en: "what was written is not the bundle that was checked; it is void, and what runs is untouched. Download it again, and have the administrator look at this box",
  },
  "install-failed": {
    zh: "写入没有完成，现在的系统没有受影响；可以再试一次，再失败请更换磁盘",
    en: "writing did not come to its end; what runs is untouched. Try once more; replace the disk when it fails again",
  },
  interrupted: {
    zh: "写入时断电，现在的系统没有受影响；请再安装一次",
    en: "the power went while it was written; what runs is untouched. Install it again",
  },
  "did-not-boot": {
    zh: "新系统没有启动起来，边缘盒已退回原来的系统；请不要再发这个升级包",
    en: "the new system did not start, and the box has gone back; do not hand this bundle out any further",
  },
  "agent-unstable": {
    zh: "新系统里采集程序没有稳定运行 60 秒，边缘盒已退回原来的系统",
    en: "in the new system the agent did not run for 60 s in one piece, and the box has gone back",
  },
  "disk-not-writable": {
    zh: "新系统不能写数据分区，边缘盒已退回原来的系统",
    en: "the new system could not write to the data partition, and the box has gone back",
  },
  "broker-unreachable": {
    zh: "新系统连不上原来连得上的消息服务器，边缘盒已退回原来的系统",
    en: "the new system did not find the broker that the old one had, and the box has gone back",
  },
} as const satisfies Readonly<Record<string, Texts>>;

export function messageOf(code: Code, detail = ""): Texts {
  const { en, zh } = MESSAGES[code];
  const behind = detail === "" ? "" : ` (${detail})`;
  return { zh: `${zh}${behind}`, en: `${en}${behind}` };
}
