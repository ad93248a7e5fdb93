/** The console in a real Chromium: a door at a school is forced, and somebody at a desk sees it, acts and sees it end. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient, SimulatorControl } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { HubProcess } from "../testing/hub-process.ts";

const GATE = "qiyun-no1/box-1/gate-store";
const PAGES = {
  alarms: "/alarms",
  devices: "/devices",
  campus: "/campus/qiyun-no1",
  region: "/region",
} as const;
const LANGUAGES = ["zh", "en"] as const;
/** The pictures in the documentation are written anew only when somebody asks, and looks at them. */
const SCREENSHOTS =
  process.env.CAMPUS_OPS_SCREENSHOTS === "1" ? resolve(import.meta.dirname, "../../docs/screenshots") : "";

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
  // Chromium's own sandbox needs what containers and root have not; it opens nothing but our page.
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  await eventually("all devices working", async () => {
    const { devices } = await api.devices();
    return devices.filter(({ health }) => health === "working").length >= 60 ? true : undefined;
  });
});
afterAll(async () => {
  await browser?.close();
  expect(await hub?.stop()).toBe(0);
});

async function open(path: string, language: (typeof LANGUAGES)[number]): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    timezoneId: "Asia/Shanghai",
  });
  await context.addInitScript((chosen) => localStorage.setItem("campus-ops.language", chosen), language);
  const page = await context.newPage();
  page.on("pageerror", (error) => troubles.push(`${path}: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(hub.url) && !request.url().startsWith("data:")) {
      troubles.push(`${path} asks for ${request.url()}`);
    }
  });
  await page.goto(`${hub.url}${path}`);
  await page.locator("main h1, main h2, main table, main .empty, main .alarm-row").first().waitFor();
  return page;
}

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

describe.each(LANGUAGES)("the pages in %s", (language) => {
  test.each(Object.entries(PAGES))("%s opens without an error and without a barrier", async (name, path) => {
    const page = await open(path, language);
    expect(await page.locator("html").getAttribute("lang")).toMatch(language === "zh" ? /^zh/ : /^en/);
    await page.locator(".link-state[data-state=live]").waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    if (SCREENSHOTS !== "") await picture(page, name, language);
    await page.context().close();
  });
});

test("no page threw an error or asked anybody but its own hub for anything", () => {
  expect(troubles).toEqual([]);
});

async function picture(page: Page, name: string, language: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  if (name === "alarms") await page.locator(".alarm-row").first().click();
  if (name === "devices") await page.locator("main tbody tr").first().click();
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await page.screenshot({ path: join(SCREENSHOTS, `${name}-${language}.png`) });
}

async function expectText(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout: 30_000 });
}
