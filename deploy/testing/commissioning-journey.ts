/** An installer's journey at the console: a new device is found, taken in, looked at, and withdrawn again. */
import { expect } from "vitest";
import { barriersOn } from "./barriers.ts";
import type { ConsoleLanguage } from "./console-page.ts";
import type { Site } from "./duty-desk-journeys.ts";

const WIDTHS = [
  [1920, 1080],
  [1366, 768],
  [360, 740],
] as const;

/** By keyboard alone, in either language; leaves the box's configuration as it was. */
export async function putIntoService(open: Site["open"], language: ConsoleLanguage = "zh"): Promise<void> {
  const say = (zh: string, en: string): string => (language === "zh" ? zh : en);
  const [takeIn, withdraw] = [say("加入", "Take in"), say("撤回", "Withdraw")];
  const page = await open("/commissioning", language);
  await page.getByRole("button", { name: say("开始搜索", "Search"), exact: true }).press("Enter");
  await page.getByRole("button", { name: `${takeIn}…` }).press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(say("设备模型", "Model")).selectOption("environment-sensor/generic-room-monitor");
  await dialog.getByLabel(say("名称", "Name (Chinese)"), { exact: true }).fill("202 教室空气传感器");
  await dialog.getByLabel(say("位置", "Place")).fill("a/2/202");
  await dialog.getByRole("button", { name: takeIn, exact: true }).press("Enter");
  const device = page.locator(".unconfirmed").filter({ hasText: "202 教室空气传感器" });
  await device.getByText(say("二氧化碳", "carbon dioxide")).waitFor();
  await page.getByRole("link", { name: say("已加入", "taken in") }).waitFor();
  expect(await barriersOn(page)).toEqual([]);
  for (const [width, height] of WIDTHS) {
    await page.setViewportSize({ width, height });
    const fits = await page.evaluate<boolean>("document.documentElement.scrollWidth <= innerWidth");
    expect(fits, `at ${width}`).toBe(true);
  }
  await device.getByRole("button", { name: withdraw }).press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: withdraw }).press("Enter");
  await page.getByText(say("没有待确认的设备", "No device waits to be confirmed")).waitFor();
  await page.context().close();
}
