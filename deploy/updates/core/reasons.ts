/** Why a box or a roll-out stands where it stands, for the people who look at it. Pure. */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";

export const REASONS = {
  pinned: { zh: "已固定版本", en: "pinned to what it runs" },
  "not-offered": {
    zh: "此盒不是用系统镜像安装的，由它自己的软件包管理更新（apt）",
    en: "this box was not made from the image; its package manager updates it (apt)",
  },
  "other-hardware": { zh: "更新包用于另一种硬件", en: "the bundle is for other hardware" },
  "same-version": { zh: "已是此版本", en: "runs this version already" },
  "newer-version": { zh: "已是更新的版本，不降级", en: "runs a newer version; nothing is downgraded" },
  cancelled: { zh: "更新已取消", en: "the roll-out was cancelled" },
  "no-answer": {
    zh: "多次通知后盒子没有接受任务；查看盒子的日志后重试",
    en: "the box was told several times and did not take it up; look into its log and retry",
  },
  lost: {
    zh: "更新期间离线后没有回来；请到现场查看",
    en: "it went away during the update and did not come back; somebody has to go there",
  },
  stalled: { zh: "一小时没有进展", en: "nothing moved for an hour" },
  "other-version": {
    zh: "盒子报告完成，但运行的不是此版本",
    en: "the box says it is done, and runs another version",
  },
  "too-many-failures": {
    zh: "失败的盒子超过允许的数量，已自动停止；查明原因后可继续、重试或取消",
    en: "more boxes failed than are let pass, so it stopped by itself; find out why, then resume, retry or cancel",
  },
  "bundle-away": {
    zh: "更新包不在平台上（可能刚从备份恢复）；重新上传后可继续",
    en: "the bundle is not at the hub (it may have been restored from a backup); upload it again and resume",
  },
} as const satisfies Record<string, LocalText>;
