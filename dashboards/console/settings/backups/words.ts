/** The texts of the page about backups. */

const zh = {
  title: "备份",
  intro: "每晚一次。每个备份都会从目的地取回、恢复到空目录并逐库逐条检查，通过了才算数，之后才清理旧的。",
  none: "没有设置备份目的地：机器一坏，报警记录、工单、密钥都会丢失。",
  noneHow:
    "请在平台机器上执行 campus-ops backup key hub-backup.key 生成密钥（离开平台保存两份），在 hub.yaml 写 backup: { to: [{ folder: /mnt/nas/campus-ops }], recipients: [打印出的公钥] }，再重新启动。",
  proven: "最近一次验证通过的备份",
  never: "还没有",
  failed: (at: string) => `${at} 未能完成备份，稍后自动重试`,
  running: "正在备份，完成后会自动显示在下面。",
  now: "立即备份",
  begun: "已开始。完成前可以离开此页。",
  nightly: (at: string, last: number, months: number) =>
    `每天 ${at}；保留最近 ${last} 个，以及 ${months} 个月每月最新的一个`,
  schedule: "计划",
  recipients: "谁能打开（公钥；平台自己打不开）",
  places: "目的地",
  placeProblem: (why: string) => `无法访问：${why}`,
  empty: "这里还没有备份。",
  count: (n: number) => `${n} 个`,
  recipe: "下载恢复说明（打印，与密钥放在一起）",
  failedToStart: "没有开始",
};

export type BackupWords = typeof zh;

const en: BackupWords = {
  title: "Backups",
  intro:
    "One each night. Every backup is fetched back from where it went, restored into an empty folder and read whole; only then does it count, and older ones may go.",
  none: "No place for backups is set: when this machine breaks, alarms, work orders and keys are gone.",
  noneHow:
    "On the hub's machine, campus-ops backup key hub-backup.key makes a key (keep it away from the hub, twice). Write backup: { to: [{ folder: /mnt/nas/campus-ops }], recipients: [what it printed] } into hub.yaml, and start the hub again.",
  proven: "Newest backup that was proven to restore",
  never: "none yet",
  failed: (at) => `none could be made at ${at}; it is tried again`,
  running: "One is being made, and appears below when it is done.",
  now: "Back up now",
  begun: "Begun. You may leave this page meanwhile.",
  nightly: (at, last, months) =>
    `each day at ${at}; the last ${last} are kept, and the newest of each of ${months} months`,
  schedule: "Plan",
  recipients: "Who can open them (public keys; the hub itself cannot)",
  places: "Places",
  placeProblem: (why) => `cannot be reached: ${why}`,
  empty: "There is none here yet.",
  count: (n) => String(n),
  recipe: "Download how to restore (print it, keep it with the key)",
  failedToStart: "It was not begun",
};

export const BACKUP_WORDS = { zh, en };
