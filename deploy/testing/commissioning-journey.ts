/** An installer's journey at the console: a new device is found, taken in, looked at, and withdrawn again. */
import AxeBuilder from "@axe-core/playwright";
import { expect } from "vitest";
import type { Site } from "./duty-desk-journeys.ts";

const WIDTHS = [
  [1920, 1080],
  [1366, 768],
  [360, 740],
] as const;

/** By keyboard alone, in Chinese; leaves the box's configuration as it was. */
export async function putIntoService({ open }: Site): Promise<void> {
  const page = await open("/commissioning", "zh");
  await page.getByRole("button", { name: "开始搜索" }).press("Enter");
  await page.getByRole("button", { name: "加入…" }).press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("设备模型").selectOption("environment-sensor/generic-room-monitor");
  await dialog.getByLabel("名称", { exact: true }).fill("202 教室空气传感器");
  await dialog.getByLabel("位置").fill("a/2/202");
  await dialog.getByRole("button", { name: "加入" }).press("Enter");
  const device = page.locator(".unconfirmed").filter({ hasText: "202 教室空气传感器" });
  await device.getByText("二氧化碳").waitFor();
  await page.getByRole("link", { name: "已加入" }).waitFor();
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  for (const [width, height] of WIDTHS) {
    await page.setViewportSize({ width, height });
    const fits = await page.evaluate<boolean>("document.documentElement.scrollWidth <= innerWidth");
    expect(fits, `at ${width}`).toBe(true);
  }
  await device.getByRole("button", { name: "撤回" }).press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: "撤回" }).press("Enter");
  await page.getByText("没有待确认的设备").waitFor();
  await page.context().close();
}
