/** From the demonstration to a hub of one's own, in a real Chromium, with the machine failing in the middle. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { barriersOn } from "./barriers.ts";
import { freePort, type HubProcess } from "./hub-process.ts";

const PASSWORD = "orange tram over river";
const PAGE_MS_MAX = 90_000;
const ANSWERS = {
  cityCode: "990100",
  city: "示范市/City",
  countyCode: "990102",
  county: "东县/East",
  campusId: "first",
  campus: "第一中学/First",
  campuses: "second 第二中学/Second",
  names: "127.0.0.1",
  administrator: "chief",
  // The hub's own machine reads devices: there is no second one.
  edgeRanges: "127.0.0.1",
} as const;

/** Has it cleared from the page of the first steps, and kills the supervisor as soon as that is decided. */
export async function clearAndCrash(hub: HubProcess, browser: Browser): Promise<void> {
  const page = await open(browser, `${hub.url}/settings/first-steps`);
  const button = page.getByRole("button", { name: "清除演示数据" });
  await button.waitFor();
  expect(await button.isDisabled()).toBe(true);
  await page.getByLabel("以确认").fill("清除演示");
  expect(await barriersOn(page)).toEqual([]);
  await button.click();
  await hub.log.until("it is decided", ({ msg = "" }) => msg.startsWith("the demonstration is cleared away"));
  await hub.crash();
  await page.context().close();
}

/** Makes a hub on the page that the next start shows, and signs in at it. */
export async function setUpAndSignIn(hub: HubProcess, browser: Browser): Promise<void> {
  await hub.printed.until("the page of the first start", (line) => line.startsWith("set up: http://"), {
    milliseconds: PAGE_MS_MAX,
  });
  expect(existsSync(join(hub.data, "audit.sqlite"))).toBe(true);
  const page = await open(browser, hub.url);
  expect(await barriersOn(page)).toEqual([]);
  const fill = (field: string, text: string) => page.locator(`[name=${field}]`).fill(text);
  for (const [field, text] of Object.entries(ANSWERS)) await fill(field, text);
  for (const field of ["mqttsPort", "enrolmentPort"]) await fill(field, String(await freePort()));

  const make = async (password: string): Promise<void> => {
    for (const field of ["password", "again"]) await fill(field, password);
    await page.getByRole("button", { name: "创建并启动" }).click();
  };
  await make("password2026");
  await page.getByRole("alert").waitFor();
  expect(await page.locator("input[name=campusId]").inputValue()).toBe("first");
  expect(await page.locator("input[name=password]").inputValue()).toBe("");
  await make(PASSWORD);
  const address = await page.getByRole("link").getAttribute("href");
  expect(address).toBe(`https://127.0.0.1:${hub.httpPort}/settings/first-steps`);
  await hub.ready();

  await page.goto(address ?? "");
  await page.locator("input[autocomplete=username]").fill("chief");
  await page.locator("input[type=password]").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /管理员账号 · 完成/ }).waitFor();
  expect(await page.getByRole("button", { name: "清除演示数据" }).count()).toBe(0);
  await page.getByRole("heading", { name: /第一台盒子 · 完成/ }).waitFor();
  await page.goto(`https://127.0.0.1:${hub.httpPort}/campus`);
  await page.getByText("第一中学").first().waitFor();
  await page.getByRole("option", { name: "第二中学" }).waitFor({ state: "attached" });
  await page.context().close();

  expect(readdirSync(hub.data)).not.toContain("demo");
  expect(readdirSync(hub.data)).not.toContain("cleared");
  expect(readFileSync(join(hub.data, "logs", "hub.jsonl"), "utf8")).not.toContain(PASSWORD);
}

async function open(browser: Browser, address: string): Promise<Page> {
  // The hub that is made signs its own certificate.
  const context = await browser.newContext({ locale: "zh-CN", ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.setDefaultTimeout(PAGE_MS_MAX);
  await page.goto(address);
  return page;
}
