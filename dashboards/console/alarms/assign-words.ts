import type { Language } from "@campus-ops/device-profiles/vocabulary";

const zh = {
  open: "交给…",
  title: "交给谁处理",
  me: (name: string) => `我（${name}）`,
  name: "姓名或账号",
  placeholder: "例如：值班电工",
  hint: "报警状态不变，该报警仍会按期限升级；再次触发后需要重新交给人。",
  give: "交给此人",
  takeBack: "收回",
  whose: "负责人",
  givenBy: (by: string) => `由 ${by} 指定`,
  given: (name: string) => `交给 ${name}`,
  mine: "交给我的",
};
const en: typeof zh = {
  open: "Give to…",
  title: "Who takes it on?",
  me: (name: string) => `Me (${name})`,
  name: "Name or account",
  placeholder: "For example: electrician on duty",
  hint: "The alarm's state stays, and so do its deadlines. When it is raised again it is nobody's.",
  give: "Give it to them",
  takeBack: "Take it back",
  whose: "Taken on by",
  givenBy: (by: string) => `given by ${by}`,
  given: (name: string) => `given to ${name}`,
  mine: "Mine",
};
export const ASSIGN_WORDS: Readonly<Record<Language, typeof zh>> = { zh, en };
