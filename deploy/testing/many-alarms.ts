/** A duty desk with more alarms than any should have: made up, and answered to a page in place of the hub's own. */
import type { AlarmView } from "@campus-ops/dashboards/api";
import type { Page } from "playwright-core";

const PAGE_ALARMS = 5_000;

/** Red and orange, so that a flood on the hub collapses none; the fifty newest red ones pin themselves. */
function manyAlarms(count: number, now: number): readonly AlarmView[] {
  return Array.from({ length: count }, (_, n) => ({
    id: `trace-${n}`,
    occurrence: 1,
    rule: "camera-offline",
    priority: n % 2 === 0 ? 1 : 2,
    state: "acknowledged",
    title: { zh: "摄像机离线", en: "Camera offline" },
    device: {
      key: `qiyun-no1/box-1/camera-${n}`,
      title: { zh: `摄像机 ${n}`, en: `Camera ${n}` },
      class: "camera",
      path: "990100/990102/qiyun-no1/teaching/2",
      campus: "qiyun-no1",
    },
    raisedAt: now - 3_600_000 - n * 1_000,
    receivedAt: now - 3_600_000 - n * 1_000,
    symptoms: 0,
    updatedAt: now - n,
  }));
}

/** The page is answered `count` alarms, in pages as the API answers them. */
export async function serveManyAlarms(page: Page, count: number): Promise<void> {
  const all = manyAlarms(count, Date.now());
  await page.route("**/api/v1/alarms?state=active*", (route) => {
    const before = Number(new URL(route.request().url()).searchParams.get("before") ?? Infinity);
    const part = all.filter(({ raisedAt }) => raisedAt < before).slice(0, PAGE_ALARMS);
    const more = part.length < PAGE_ALARMS ? {} : { before: String(part.at(-1)?.raisedAt) };
    return route.fulfill({ json: { alarms: part, ...more } });
  });
}
