/**
 * Who may do what: one table of roles and permissions, and nothing else decides. A person has any number of grants, each
 * a role at a place; a permission holds at that place and below it.
 */
import { type AssetPath, isWithin, type LocalText } from "@campus-ops/device-profiles/vocabulary";

export const ROLES = [
  "guard",
  "duty-leader",
  "facilities-manager",
  "school-doctor",
  "principal",
  "county-official",
  "city-official",
  "installer",
  "administrator",
  "auditor",
  "wall-display",
] as const;
export type Role = (typeof ROLES)[number];

export const ROLE_TITLES: Readonly<Record<Role, LocalText>> = {
  guard: { zh: "保安", en: "guard" },
  "duty-leader": { zh: "值班领导", en: "duty leader" },
  "facilities-manager": { zh: "设施管理员", en: "facilities manager" },
  "school-doctor": { zh: "校医", en: "school doctor" },
  principal: { zh: "校长", en: "principal" },
  "county-official": { zh: "县（区）教育局", en: "county official" },
  "city-official": { zh: "市教育局", en: "city official" },
  installer: { zh: "安装人员", en: "installer" },
  administrator: { zh: "系统管理员", en: "administrator" },
  auditor: { zh: "审计员", en: "auditor" },
  "wall-display": { zh: "大屏", en: "wall display" },
};

const desk: readonly Role[] = ["guard", "duty-leader"];
const school: readonly Role[] = [...desk, "facilities-manager", "school-doctor", "principal"];
/** A screen that nobody sits at: it shows, and can do nothing. */
const wall: Role = "wall-display";
const officials: readonly Role[] = ["county-official", "city-official"];
const watching: readonly Role[] = [...school, ...officials, "installer", "administrator"];

/**
 * Each permission, what it lets somebody do, and the roles that have it. Administration, operation and audit are kept
 * apart as GB/T 22239 asks: who manages accounts reads no audit trail and no personal data.
 */
export const PERMISSIONS = {
  "overview.read": {
    title: { zh: "查看场所、汇总与平台状态", en: "see places, roll-ups and the state of the platform" },
    roles: ROLES,
  },
  "alarms.read": { title: { zh: "查看报警", en: "see alarms" }, roles: [...watching, wall] },
  "alarms.act": {
    title: {
      zh: "确认、搁置、复位、备注报警，交给人处理",
      en: "acknowledge, shelve, reset and comment on alarms, and give them to a person",
    },
    roles: [...desk, "facilities-manager", "school-doctor"],
  },
  "alarms.suppress": {
    title: { zh: "将报警停用或恢复使用", en: "take an alarm out of service and put it back" },
    roles: ["duty-leader", "facilities-manager"],
  },
  "evidence.read": {
    title: { zh: "查看证据与图片", en: "see evidence and pictures" },
    roles: [...desk, "principal"],
  },
  "evidence.export": {
    title: { zh: "导出证据", en: "export evidence" },
    roles: ["duty-leader", "principal"],
  },
  personal: {
    title: { zh: "查看姓名、卡号、人脸等个人信息", en: "see names, cards and faces" },
    roles: ["duty-leader", "school-doctor"],
  },
  "personal.health": {
    title: { zh: "查看体温等健康信息", en: "see body temperatures" },
    roles: ["school-doctor"],
  },
  "personal.confirm": {
    title: { zh: "录入体温复核结果", en: "enter the reading that confirms a fever" },
    roles: ["school-doctor"],
  },
  "desk.hand-over": { title: { zh: "值班与交接班", en: "hold a desk and hand it over" }, roles: desk },
  "drills.run": { title: { zh: "组织演练", en: "run drills" }, roles: ["duty-leader"] },
  "devices.read": {
    title: { zh: "查看设备与历史数据", en: "see devices and their history" },
    roles: watching,
  },
  "devices.command": {
    title: { zh: "控制设备", en: "control devices" },
    roles: ["duty-leader", "facilities-manager", "installer"],
  },
  "devices.configure": {
    title: {
      zh: "投用、停用、导入设备，维护平面图",
      en: "commission, retire and import devices, keep floor plans",
    },
    roles: ["facilities-manager", "installer", "administrator"],
  },
  "boxes.update": {
    title: { zh: "更新边缘盒的系统", en: "update the system of edge boxes" },
    roles: ["installer", "administrator"],
  },
  "work-orders.read": { title: { zh: "查看工单", en: "see work orders" }, roles: watching },
  "work-orders.report": {
    title: { zh: "登记隐患、处理工单", en: "report hazards and work on orders" },
    roles: [...school, "installer"],
  },
  "work-orders.manage": {
    title: { zh: "派发与验收工单", en: "assign work orders and verify what was done" },
    roles: ["facilities-manager", "duty-leader"],
  },
  "figures.read": {
    title: { zh: "查看使用率、完好率、达标情况", en: "see utilisation, health figures and standards" },
    roles: ["duty-leader", "facilities-manager", "principal", ...officials, wall],
  },
  "figures.export": {
    title: { zh: "导出报表", en: "export reports" },
    roles: ["facilities-manager", "principal", ...officials],
  },
  "standards.declare": {
    title: { zh: "填报达标材料", en: "declare evidence for standards" },
    roles: ["principal", "facilities-manager"],
  },
  "rules.read": { title: { zh: "查看规则", en: "see rules" }, roles: watching },
  "rules.write": {
    title: { zh: "修改规则与日历", en: "change rules and the calendar" },
    roles: ["duty-leader", "administrator"],
  },
  "channels.manage": {
    title: { zh: "查看与测试通知渠道", en: "see and test notification channels" },
    roles: ["duty-leader", "administrator"],
  },
  "flows.edit": {
    title: { zh: "编辑流程", en: "edit the campus's own flows" },
    roles: ["administrator"],
  },
  "settings.write": {
    title: { zh: "修改平台设置、备份、边缘盒子入网", en: "change settings, keep backups, enrol edge boxes" },
    roles: ["administrator"],
  },
  "metrics.read": {
    title: { zh: "读取平台运行指标", en: "read the platform's own metrics" },
    roles: ["administrator"],
  },
  "accounts.read": {
    title: { zh: "查看账号", en: "see accounts" },
    roles: ["administrator", "auditor"],
  },
  "accounts.manage": {
    title: { zh: "管理账号与令牌", en: "manage accounts and tokens" },
    roles: ["administrator"],
  },
  "audit.read": {
    title: { zh: "查看与导出审计记录", en: "search and export the audit trail" },
    roles: ["auditor"],
  },
} as const satisfies Record<string, { readonly title: LocalText; readonly roles: readonly Role[] }>;

export type Permission = keyof typeof PERMISSIONS;

export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as readonly Permission[];

export interface Grant {
  readonly role: Role;
  /** The permission holds here and below; "" is the whole hub. */
  readonly path: AssetPath | "";
}

export function hasPermission(role: Role, permission: Permission): boolean {
  return (PERMISSIONS[permission].roles as readonly Role[]).includes(role);
}

/** The places where grants give a permission, none of them within another. */
export function placesOf(grants: readonly Grant[], permission: Permission): readonly (AssetPath | "")[] {
  const places = new Set(
    grants.filter(({ role }) => hasPermission(role, permission)).map(({ path }) => path),
  );
  return [...places].filter((path) => ![...places].some((other) => other !== path && isWithin(path, other)));
}

/** Every role at one place: the person at the machine itself, and machines with a token of their own hub. */
export function everyRoleAt(path: AssetPath | ""): readonly Grant[] {
  return ROLES.map((role) => ({ role, path }));
}
