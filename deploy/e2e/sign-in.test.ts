/** Signing in at a hub with accounts, in a real Chromium: from the first administrator on the command line to a guard's desk. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runAccounts } from "../cli/accounts.ts";
import { launchChromium } from "../testing/console-page.ts";
import { HubProcess } from "../testing/hub-process.ts";

const PASSWORD = "orange tram over river";
const OWN_PASSWORD = "nine blue pencils";
const HUB = `site:
  city: { code: "990100", title: { zh: 示范市, en: City } }
  counties:
    - code: "990102"
      title: { zh: 东县, en: East }
      campuses: [{ id: first, title: { zh: 第一中学, en: First } }]
dashboards: { access: accounts }
flows: { enabled: false }
`;

let folder: string;
let hub: HubProcess;
let browser: Browser;
const troubles: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sign-in-"));
  const config = join(folder, "hub.yaml");
  writeFileSync(config, HUB);
  const data = join(folder, "data");
  const none = { role: [], at: [], administrator: true, generate: false, totp: false };
  const context = { language: "en", readPassword: async () => PASSWORD } as const;
  await runAccounts(data, ["add", "chief"], { ...none, title: "管理员" }, context);
  const auditor = { ...none, administrator: false, role: ["auditor"], at: [""] };
  await runAccounts(data, ["add", "auditor"], auditor, context);
  hub = await HubProcess.start({ config, data });
  await hub.ready();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  expect(await hub?.stop()).toBe(0);
  rmSync(folder, { recursive: true });
});

async function open(language: "zh" | "en", path: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  await context.addInitScript((chosen) => localStorage.setItem("campus-ops.language", chosen), language);
  const page = await context.newPage();
  page.on("pageerror", (error) => troubles.push(error.message));
  await page.goto(`${hub.url}${path}`);
  return page;
}

/** By keyboard alone. */
async function signIn(page: Page, user: string, password: string): Promise<void> {
  await page.locator("input[autocomplete=username]").focus();
  await page.keyboard.type(user);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
}

async function barriers(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

test("an administrator signs in, adds a guard, and the guard's first sign-in ends at the desk, with nothing of the rest", async () => {
  const admin = await open("en", "/accounts");
  await admin.getByRole("heading", { name: "Sign in" }).waitFor();
  expect(await barriers(admin)).toEqual([]);
  await signIn(admin, "chief", "not the password");
  await admin.getByRole("alert").getByText("is not right").waitFor();
  await admin.locator("input[autocomplete=username]").fill("");
  await admin.locator("input[type=password]").fill("");
  await signIn(admin, "chief", PASSWORD);
  await admin.getByRole("heading", { name: "Accounts" }).waitFor();
  expect(await barriers(admin)).toEqual([]);

  await admin.getByRole("button", { name: "Add an account" }).click();
  const dialog = admin.getByRole("dialog");
  await dialog.getByLabel("Account").fill("gate");
  await dialog.getByLabel("Name", { exact: true }).fill("东门保安");
  await dialog.getByLabel("Place").selectOption("990100/990102/first");
  await dialog.getByRole("button", { name: "Save" }).click();
  const first = (await admin.locator(".secret").textContent()) ?? "";
  expect(first).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);

  const guard = await open("zh", "/");
  await guard.getByRole("heading", { name: "登录" }).waitFor();
  expect(await barriers(guard)).toEqual([]);
  await signIn(guard, "gate", first);
  await guard.getByRole("heading", { name: "修改密码" }).waitFor();
  const [current, next, again] = await guard.locator("input[type=password]").all();
  await current?.fill(first);
  await next?.fill(OWN_PASSWORD);
  await again?.fill(OWN_PASSWORD);
  await guard.keyboard.press("Enter");
  await guard.locator(".link-state").waitFor();
  const areas = await guard.locator("nav.navigation").innerText();
  expect(areas).toContain("报警");
  await guard.goto(`${hub.url}/account`);
  await guard.getByRole("heading", { name: "我的账号" }).waitFor();
  expect(await barriers(guard)).toEqual([]);
  expect(await guard.getByRole("link", { name: "账号管理" }).count()).toBe(0);
  expect(await guard.getByRole("link", { name: "审计记录" }).count()).toBe(0);

  const auditor = await open("zh", "/audit?action=sign-in&result=refused");
  await signIn(auditor, "auditor", PASSWORD);
  await auditor.getByRole("row").filter({ hasText: "chief" }).getByText("拒绝").waitFor();
  expect(await barriers(auditor)).toEqual([]);
  await auditor.setViewportSize({ width: 360, height: 740 });
  expect(await auditor.evaluate<boolean>("document.documentElement.scrollWidth <= innerWidth")).toBe(true);

  // Who is signed out elsewhere is back at the sign-in page by itself.
  await admin
    .getByRole("row")
    .filter({ hasText: "gate" })
    .getByRole("button", { name: "Sign out everywhere" })
    .click();
  await guard.getByRole("heading", { name: "登录" }).waitFor();
  expect(troubles).toEqual([]);
});
