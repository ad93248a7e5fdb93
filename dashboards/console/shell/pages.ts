/**
 * Every page of the console, by the area it belongs to. A new page is one line here; all but the duty desk's first load
 * when they are opened.
 */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import { type ComponentType, lazy } from "react";
import type { Permission } from "../../api/api.ts";
import { AlarmsPage } from "../alarms/page.tsx";

export interface ConsolePage {
  /** Its address; what follows below it belongs to the page. */
  readonly path: string;
  /** Pattern of addresses where the page takes parameters from it. */
  readonly route?: string;
  readonly title: LocalText;
  readonly component: ComponentType;
  /** Shown to those who have this permission anywhere; to everybody where it says nothing. The hub decides in any case. */
  readonly needs?: Permission;
  /** Takes the whole screen: no navigation, the connection's bar stays. */
  readonly bare?: true;
}

export interface Area {
  readonly id: "alarms" | "devices" | "campus" | "region" | "settings" | "account";
  /** The first is where the area's name leads. */
  readonly pages: readonly [ConsolePage, ...ConsolePage[]];
}

export const AREAS: readonly [Area, ...Area[]] = [
  {
    id: "alarms",
    pages: [
      { path: "/alarms", needs: "alarms.read", title: { zh: "值守", en: "Desk" }, component: AlarmsPage },
      {
        path: "/alarms/hand-over",
        needs: "alarms.read",
        title: { zh: "交接班", en: "Hand-over" },
        component: lazy(() => import("../desk/hand-over.tsx")),
      },
      {
        path: "/alarms/silent",
        needs: "alarms.read",
        title: { zh: "静默", en: "Silent" },
        component: lazy(() => import("../silent/page.tsx")),
      },
      {
        path: "/alarms/figures",
        needs: "figures.read",
        title: { zh: "报警绩效", en: "Alarm figures" },
        component: lazy(() => import("../figures/page.tsx")),
      },
      {
        path: "/alarms/rules",
        needs: "rules.read",
        title: { zh: "规则", en: "Rules" },
        component: lazy(() => import("../rules/page.tsx")),
      },
      {
        path: "/alarms/drills",
        needs: "alarms.read",
        title: { zh: "演练", en: "Drills" },
        component: lazy(() => import("../drills/page.tsx")),
      },
      {
        path: "/alarms/wall",
        needs: "alarms.read",
        title: { zh: "大屏", en: "Wall" },
        component: lazy(() => import("../wall/page.tsx")),
        bare: true,
      },
    ],
  },
  {
    id: "devices",
    pages: [
      {
        path: "/devices",
        needs: "devices.read",
        title: { zh: "设备", en: "Devices" },
        component: lazy(() => import("../devices/page.tsx")),
      },
      {
        path: "/commissioning",
        title: { zh: "设备投用", en: "Put into service" },
        needs: "devices.configure",
        component: lazy(() => import("../commissioning/page.tsx")),
      },
      {
        path: "/register",
        title: { zh: "设备台账", en: "Register" },
        needs: "devices.read",
        component: lazy(() => import("../devices/register.tsx")),
      },
      {
        path: "/health",
        title: { zh: "设备健康", en: "Health" },
        needs: "figures.read",
        component: lazy(() => import("../health/page.tsx")),
      },
      {
        path: "/fleet",
        title: { zh: "边缘盒", en: "Edge boxes" },
        needs: "devices.read",
        component: lazy(() => import("../fleet/page.tsx")),
      },
      {
        path: "/fleet/updates",
        title: { zh: "系统更新", en: "Updates" },
        needs: "boxes.update",
        component: lazy(() => import("../fleet/updates.tsx")),
      },
      {
        path: "/rooms",
        title: { zh: "教室控制", en: "Classrooms" },
        needs: "devices.read",
        component: lazy(() => import("../rooms/page.tsx")),
      },
      {
        path: "/work-orders",
        needs: "work-orders.read",
        title: { zh: "工单", en: "Work orders" },
        component: lazy(() => import("../work-orders/page.tsx")),
      },
    ],
  },
  {
    id: "campus",
    pages: [
      {
        path: "/campus",
        route: "/campus/:campus?",
        title: { zh: "概况", en: "Overview" },
        component: lazy(() => import("../campus/page.tsx")),
      },
      {
        path: "/plans",
        needs: "devices.read",
        title: { zh: "平面图", en: "Floor plans" },
        component: lazy(() => import("../plans/page.tsx")),
      },
      {
        path: "/use",
        needs: "figures.read",
        title: { zh: "功能室使用", en: "Use of rooms" },
        component: lazy(() => import("../use/page.tsx")),
      },
      {
        path: "/standards",
        needs: "figures.read",
        title: { zh: "达标", en: "Standards" },
        component: lazy(() => import("../standards/page.tsx")),
      },
    ],
  },
  {
    id: "region",
    pages: [
      {
        path: "/region",
        title: { zh: "概况", en: "Overview" },
        component: lazy(() => import("../region/page.tsx")),
      },
      {
        path: "/region/wall",
        title: { zh: "大屏", en: "Wall view" },
        component: lazy(() => import("../region/wall.tsx")),
        bare: true,
      },
    ],
  },
  {
    id: "settings",
    pages: [
      {
        path: "/settings/first-steps",
        title: { zh: "开始使用", en: "First steps" },
        needs: "settings.write",
        component: lazy(() => import("../first-run/page.tsx")),
      },
      {
        path: "/settings/boxes",
        title: { zh: "盒子入网", en: "Box enrolment" },
        needs: "settings.write",
        component: lazy(() => import("../settings/boxes/page.tsx")),
      },
      {
        path: "/settings/site",
        title: { zh: "学校与校区", en: "Schools" },
        needs: "settings.write",
        component: lazy(() => import("../settings/site/page.tsx")),
      },
      {
        path: "/settings/desks",
        title: { zh: "值守与通知", en: "Desks and channels" },
        needs: "settings.write",
        component: lazy(() => import("../settings/desks/page.tsx")),
      },
      {
        path: "/settings/calendar",
        title: { zh: "校历与课表", en: "Calendar" },
        needs: "rules.write",
        component: lazy(() => import("../settings/calendar/page.tsx")),
      },
      {
        path: "/settings/webhooks",
        title: { zh: "数据推送", en: "Webhooks" },
        needs: "accounts.manage",
        component: lazy(() => import("../settings/webhooks/page.tsx")),
      },
      {
        path: "/settings/backups",
        title: { zh: "备份", en: "Backups" },
        needs: "settings.write",
        component: lazy(() => import("../settings/backups/page.tsx")),
      },
      {
        path: "/settings/retention",
        title: { zh: "保存期限", en: "Retention" },
        needs: "settings.write",
        component: lazy(() => import("../settings/retention/page.tsx")),
      },
    ],
  },
  {
    id: "account",
    pages: [
      {
        path: "/account",
        title: { zh: "我的账号", en: "My account" },
        component: lazy(() => import("../account/page.tsx")),
      },
      {
        path: "/accounts",
        title: { zh: "账号管理", en: "Accounts" },
        needs: "accounts.read",
        component: lazy(() => import("../accounts/page.tsx")),
      },
      {
        path: "/audit",
        title: { zh: "审计记录", en: "Audit trail" },
        needs: "audit.read",
        component: lazy(() => import("../audit/page.tsx")),
      },
    ],
  },
];

/** The area and the page that an address belongs to; the duty desk for one that is nobody's. */
export function pageAt(location: string): { readonly area: Area; readonly page: ConsolePage } {
  const found = AREAS.flatMap((area) => area.pages.map((page) => ({ area, page })))
    .filter(({ page: { path } }) => location === path || location.startsWith(`${path}/`))
    .toSorted((a, b) => b.page.path.length - a.page.path.length)[0];
  const [area] = AREAS;
  return found ?? { area, page: area.pages[0] };
}
