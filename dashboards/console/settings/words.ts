/** What every page about a setting says in the same words. */

const zh = {
  save: "保存并生效",
  saving: "正在检查…",
  discard: "放弃修改",
  reset: "恢复为 hub.yaml 的内容",
  fromFile: "现在按 hub.yaml 的内容运行。在这里保存后，以这里的为准。",
  fromConsole: (by: string, at: string) => `由 ${by} 在控制台修改（${at}），代替 hub.yaml 中的同一节。`,
  saved: (part: string) => `已保存。${part} 进程正用新内容重新启动，几秒后生效，其间的报警不会丢失。`,
  refused: "没有保存，请改正：",
  line: (line: number) => `第 ${line} 行`,
  failed: "没有保存",
  kept: "填写的内容都保留着，可以再试。",
  add: "添加",
  remove: "删除",
  edit: "修改",
  cancel: "取消",
  done: "确定",
};

export type SettingWords = typeof zh;

const en: SettingWords = {
  save: "Save and apply",
  saving: "Checking…",
  discard: "Discard",
  reset: "Back to hub.yaml",
  fromFile: "The hub goes by hub.yaml. What is saved here takes the place of that section.",
  fromConsole: (by, at) =>
    `Changed in the console by ${by} (${at}); it takes the place of the section in hub.yaml.`,
  saved: (part) =>
    `Saved. ${part} begins again with it and is there in seconds; no alarm of that time is lost.`,
  refused: "Not saved. Please put right:",
  line: (line) => `line ${line}`,
  failed: "Not saved",
  kept: "What you filled in is kept; you can try again.",
  add: "Add",
  remove: "Remove",
  edit: "Change",
  cancel: "Cancel",
  done: "OK",
};

export const SETTING_WORDS = { zh, en };
