/** The texts for clearing the demonstration away. */

const zh = {
  title: "清除演示，建立真实平台",
  goes: "将删除：虚构的城市和学校、模拟设备、报警、历史数据、图片、工单、流程，以及在演示中改过的设置。删除后不能恢复。",
  stays: "保留：审计记录与运行日志。清除后本页转到新建平台的页面，只能在这台机器上打开。",
  type: "输入“清除演示”以确认",
  confirmation: "清除演示",
  button: "清除演示数据",
  clearing: "正在停止各部分并清除，约需半分钟，请不要关闭本页。",
  failed: "没有清除",
  notCleared: "平台没有转到新建页面，请查看数据文件夹中 logs/hub.jsonl。",
};

const en: typeof zh = {
  title: "Clear the demonstration, make a real hub",
  goes: "Deleted: the made-up city and schools, the simulated devices, alarms, history, pictures, work orders, flows, and settings that were changed in the demonstration. There is no way back.",
  stays:
    "Kept: the audit trail and the log. This page then turns to the one that makes a hub, which opens on this machine alone.",
  type: "Type “clear the demonstration” to confirm",
  confirmation: "clear the demonstration",
  button: "Clear the demonstration",
  clearing: "Stopping all parts and clearing; about half a minute. Keep this page open.",
  failed: "It was not cleared",
  notCleared:
    "The hub has not come to the page that makes a new one; look into logs/hub.jsonl in the data folder.",
};

export const CLEAR_WORDS = { zh, en };
