/** `edge.conf` as the hub writes it; what is read of it is in the edge agent (`core/seed.ts`). */
import { hostOf } from "./configuration.ts";

export interface SeedContents {
  readonly host: string;
  readonly port: number;
  readonly pin: string;
  readonly token: string;
  readonly campus: string;
  readonly node: string;
  /** When the token is over, milliseconds since the epoch. */
  readonly expires: number;
}

/** With a byte order mark and the line ends of Windows: it is opened there. */
export function seedText({ campus, expires, host, node, pin, port, token }: SeedContents): string {
  const until = new Date(expires + 8 * 3_600_000).toISOString().slice(0, 16).replace("T", " ");
  const lines = [
    "# 校园边缘盒入网文件。放入盒子的 EDGECFG 盘（或标签为 EDGECFG 的 U 盘），通电即可。",
    "# Enrolment of a campus edge box. Put it on the box's EDGECFG partition, or on a stick with that label, and switch on.",
    `# 令牌只能用一次，有效至北京时间 ${until}。The token is good once, until ${until} +08:00.`,
    "# 结果见同一目录的 状态-STATUS.txt。What came of it is in 状态-STATUS.txt beside this file.",
    "",
    "# 中心地址与端口 / address and port of the hub",
    `hub=${hostOf(host)}:${port}`,
    "",
    "# 中心证书指纹，请勿修改 / fingerprint of the hub's authority, not to be changed",
    `ca-sha256=${pin}`,
    "",
    "# 一次性令牌，请勿外传 / one-time token, a secret",
    `token=${token}`,
    "",
    "# 以下仅供人阅读 / for people",
    `campus=${campus}`,
    `node=${node}`,
  ];
  return `\ufeff${lines.join("\r\n")}\r\n`;
}
