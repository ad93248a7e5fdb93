/** The console in a real Chromium: a door at a school is forced, and somebody at a desk sees it, acts and sees it end. */
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient, SimulatorControl } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import {
  CONSOLE_LANGUAGES,
  CONSOLE_PAGES,
  type ConsoleLanguage,
  launchChromium,
  openConsole,
} from "../testing/console-page.ts";
import { HubProcess } from "../testing/hub-process.ts";

const GATE = "qiyun-no1/box-1/gate-store";

let hub: HubProcess;
let api: ApiClient;
let control: SimulatorControl;
let browser: Browser;
const troubles: string[] = [];

beforeAll(async () => {
  hub = await HubProcess.start();
  await hub.ready();
  api = new ApiClient(hub.url);
  control = new SimulatorControl(hub.private_("simulators"));
  browser = await launchChromium();
  await eventually("all devices working", async () => {
    const { devices } = await api.devices();
    return devices.filter(({ health }) => health === "working").length >= 60 ? true : undefined;
  });
});
afterAll(async () => {
  await browser?.close();
  expect(await hub?.stop()).toBe(0);
});

const open = (path: string, language: ConsoleLanguage): Promise<Page> =>
  openConsole(browser, hub.url, path, language, troubles);

describe("an alarm, from the register to the desk", () => {
  test("appears by itself, is acknowledged with a comment, and clears", async () => {
    const page = await open("/alarms?q=qiyun-no1%2Fbox-1%2Fgate-store", "zh");
    const row = page.locator(".alarm-row").filter({ hasText: "门被强行打开" });
    expect(await row.count()).toBe(0);

    await control.set(GATE, "Door/Open", true);
    // A red alarm pins to the top of an open list: nobody has to reload anything.
    await row.first().waitFor({ timeout: 30_000 });
    await row.first().click();
    const detail = page.locator("#alarm-detail");
    await detail.getByRole("heading", { name: "门被强行打开" }).waitFor();
    await expectText(page, "#alarm-detail", "栖云区第一小学");
    await expectText(page, "#alarm-detail", "为什么报警");

    await detail.getByRole("textbox").fill("已派人到场");
    await detail.getByRole("button", { name: "确认", exact: true }).click();
    await expectText(page, "#alarm-detail .state-word", "已确认");
    await expectText(page, "#alarm-detail", "已派人到场");

    await control.set(GATE, "Door/Open", false);
    await expectText(page, "#alarm-detail .state-word", "已恢复");
    const seen = (await api.alarms()).find(
      ({ device, rule }) => device.key === GATE && rule.endsWith("door-forced"),
    );
    expect(seen).toMatchObject({ state: "normal", acknowledged: { comment: "已派人到场" } });
    await page.context().close();
  });
});

describe.each(CONSOLE_LANGUAGES)("the pages in %s", (language) => {
  test.each(Object.entries(CONSOLE_PAGES))(
    "%s opens without an error and without a barrier",
    async (_name, path) => {
      const page = await open(path, language);
      expect(await page.locator("html").getAttribute("lang")).toMatch(language === "zh" ? /^zh/ : /^en/);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      await page.context().close();
    },
  );
});

test("no page threw an error or asked anybody but its own hub for anything", () => {
  expect(troubles).toEqual([]);
});

async function expectText(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout: 30_000 });
}
