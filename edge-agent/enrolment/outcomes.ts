/** What came of an enrolment or a renewal, by code: what it means and what to do, for whoever stands before the box. */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";

export interface Outcome {
  readonly means: LocalText;
  readonly next: LocalText;
}

const outcome = (meansZh: string, meansEn: string, nextZh: string, nextEn: string): Outcome => ({
  means: { zh: meansZh, en: meansEn },
  next: { zh: nextZh, en: nextEn },
});

const NEW_TOKEN_ZH = "请中心管理员重新生成 edge.conf（campus-ops enrol token）";
const NEW_TOKEN_EN = "have the hub's administrator make a new edge.conf (campus-ops enrol token)";

export const OUTCOMES = {
  enrolled: outcome("已入网", "enrolled", "无需操作，可以拔出 U 盘", "nothing; the stick may be taken out"),
  "seed-missing": outcome(
    "没有找到 edge.conf",
    "there is no edge.conf",
    "把 edge.conf 放到此盘根目录",
    "put edge.conf into this folder",
  ),
  "seed-invalid": outcome(
    "edge.conf 有误，见下",
    "edge.conf is not right, see below",
    "改正所列各行并保存",
    "correct the lines below and save",
  ),
  "seed-used": outcome(
    "edge.conf 中没有可用的令牌",
    "edge.conf holds no token that can be used",
    NEW_TOKEN_ZH,
    NEW_TOKEN_EN,
  ),
  "hub-unreachable": outcome(
    "无法连接中心",
    "the hub cannot be reached",
    "检查网线、本机地址与 edge.conf 中的 hub；防火墙须放行该端口",
    "check the cable, this box's address, and hub in edge.conf; the firewall must let that port through",
  ),
  "pin-mismatch": outcome(
    "对方不是所指的中心（证书指纹不符）",
    "who answers is not that hub (its certificate has another fingerprint)",
    "核对 edge.conf 中的 hub 与 ca-sha256；若都正确，有人冒充中心，请报告管理员",
    "compare hub and ca-sha256 in edge.conf; if both are right somebody poses as the hub: tell the administrator",
  ),
  "hub-name": outcome(
    "中心的证书不包含 edge.conf 中的地址",
    "the hub's certificate is not for the address in edge.conf",
    "改用中心证书中的名称；或请管理员为中心证书加上此地址（enrolment.names）",
    "use a name of the hub's certificate, or have this address added to it (enrolment.names)",
  ),
  "hub-certificate-time": outcome(
    "按本机时钟，中心的证书不在有效期内",
    "by this box's clock the hub's certificate is not in its time",
    "校准本机时钟；若时钟正确，请管理员更换中心证书",
    "set this box's clock; if it is right, have the hub's certificate renewed",
  ),
  "hub-error": outcome(
    "中心暂时无法签发",
    "the hub cannot sign at present",
    "稍候自动重试；持续如此请查看中心日志",
    "it is tried again by itself; if it stays so, look at the hub's log",
  ),
  "too-many": outcome(
    "请求过于频繁，中心暂缓处理",
    "too many requests; the hub asks to wait",
    "稍候自动重试",
    "it is tried again by itself",
  ),
  "token-unknown": outcome(
    "中心不认识此令牌",
    "the hub does not know this token",
    NEW_TOKEN_ZH,
    NEW_TOKEN_EN,
  ),
  "token-expired": outcome(
    "令牌已过期（72 小时）",
    "the token is over (72 hours)",
    NEW_TOKEN_ZH,
    NEW_TOKEN_EN,
  ),
  "token-used": outcome(
    "令牌已被另一台盒子使用",
    "another box has used the token",
    `${NEW_TOKEN_ZH}；并确认是谁用了它`,
    `${NEW_TOKEN_EN}, and find out who used it`,
  ),
  "identity-taken": outcome(
    "此名称的盒子已经入网",
    "a box of this name is enrolled already",
    "若为更换设备：campus-ops enrol token --replace",
    "to replace it: campus-ops enrol token --replace",
  ),
  "request-malformed": outcome(
    "中心读不懂请求",
    "the hub cannot read the request",
    "盒子与中心的版本可能不配，请升级",
    "box and hub may be of versions that do not fit; update",
  ),
  "certificate-stranger": outcome(
    "中心不认识本机证书",
    "the hub does not know this box's certificate",
    NEW_TOKEN_ZH,
    NEW_TOKEN_EN,
  ),
  "certificate-revoked": outcome(
    "本机证书已被吊销",
    "this box's certificate was revoked",
    `若为误操作：${NEW_TOKEN_ZH}`,
    `if by mistake: ${NEW_TOKEN_EN}`,
  ),
  "certificate-expired": outcome(
    "本机证书过期超过 30 天",
    "this box's certificate ended more than 30 days ago",
    NEW_TOKEN_ZH,
    NEW_TOKEN_EN,
  ),
  "approval-needed": outcome(
    "本机证书已过期，续期等待管理员批准",
    "this box's certificate has ended; its renewal waits for approval",
    "请管理员执行 campus-ops enrol approve，之后自动续期",
    "have the administrator run campus-ops enrol approve; it then renews by itself",
  ),
  "answer-malformed": outcome(
    "中心的答复不完整或不相符",
    "the hub's answer is incomplete or does not fit",
    "盒子与中心的版本可能不配，请升级",
    "box and hub may be of versions that do not fit; update",
  ),
} as const satisfies Readonly<Record<string, Outcome>>;

/** Of a code that a newer hub may have made up. */
export function outcomeOf(code: string): Outcome {
  return Object.hasOwn(OUTCOMES, code)
    ? OUTCOMES[code as keyof typeof OUTCOMES]
    : outcome("中心拒绝了请求", "the hub refused", "请查看中心日志", "look at the hub's log");
}
