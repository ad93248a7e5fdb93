/** Signing in at a hub with accounts, in a real Chromium: from the first administrator on the command line to a guard's desk. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runAccounts } from "../cli/accounts.ts";
import { shownCode } from "../testing/authenticator-app.ts";
import { eventually } from "../testing/awaiting.ts";
import { barriersOn } from "../testing/barriers.ts";
import { launchChromium } from "../testing/console-page.ts";
import { HubProcess } from "../testing/hub-process.ts";

/** Three processes begin again, on a machine that is busy with other things. */
const HUB_MS_MAX = 90_000;
const PASSWORD = "orange tram over river";
const OWN_PASSWORD = "nine blue pencils";
const HUB = `site:
  city: { code: "990100", title: { zh: 示范市, en: City } }
  counties:
    - code: "990102"
      title: { zh: 东县, en: East }
      campuses:
        - { id: first, title: { zh: 第一中学, en: First } }
        - { id: second, title: { zh: 第二中学, en: Second } }
dashboards:
  access: accounts
  signIn: { codesFor: [installer] }
# Nobody listens there: what the hub above would be told is in the agent's configuration.
parent: { broker: "mqtt://127.0.0.1:1" }
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
  const installer = { ...none, administrator: false, role: ["installer"], at: [""] };
  await runAccounts(data, ["add", "fitter"], installer, context);
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

test("an administrator signs in, adds a guard, and the guard's first sign-in ends at the desk, with nothing of the rest", async () => {
  const admin = await open("en", "/accounts");
  await admin.getByRole("heading", { name: "Sign in" }).waitFor();
  expect(await barriersOn(admin)).toEqual([]);
  await signIn(admin, "chief", "not the password");
  await admin.getByRole("alert").getByText("is not right").waitFor();
  await admin.locator("input[autocomplete=username]").fill("");
  await admin.locator("input[type=password]").fill("");
  await signIn(admin, "chief", PASSWORD);
  await admin.getByRole("heading", { name: "Accounts" }).waitFor();
  expect(await barriersOn(admin)).toEqual([]);

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
  expect(await barriersOn(guard)).toEqual([]);
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
  expect(await barriersOn(guard)).toEqual([]);
  expect(await guard.getByRole("link", { name: "账号管理" }).count()).toBe(0);
  expect(await guard.getByRole("link", { name: "审计记录" }).count()).toBe(0);

  const auditor = await open("zh", "/audit?action=sign-in&result=refused");
  await signIn(auditor, "auditor", PASSWORD);
  await auditor.getByRole("row").filter({ hasText: "chief" }).getByText("拒绝").waitFor();
  expect(await barriersOn(auditor)).toEqual([]);
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

test("whoever's role asks for an authenticator app sets one up before they see anything else, and signs in with it", async () => {
  const page = await open("zh", "/alarms");
  await signIn(page, "fitter", PASSWORD);
  await page.getByText("您的角色要求登录时输入验证码").waitFor();
  expect(await page.locator("nav.navigation").count()).toBe(0);
  expect(await barriersOn(page)).toEqual([]);
  await page.getByLabel("当前密码").fill(PASSWORD);
  await page.keyboard.press("Enter");
  const key = (await page.locator(".secret").textContent()) ?? "";
  expect(await barriersOn(page)).toEqual([]);
  await page.getByLabel("动态验证码").fill(shownCode(key, Date.now()));
  await page.getByRole("button", { name: "确认启用" }).press("Enter");
  // The recovery codes are shown until somebody says that they have them.
  await page.getByText("恢复码（只显示这一次").waitFor();
  expect((await page.locator(".secret").innerText()).split("\n").length).toBeGreaterThan(5);
  await page.getByRole("button", { name: "恢复码已收好，进入控制台" }).press("Enter");
  await page.locator("nav.navigation").waitFor();
  await page.context().close();
});

test("an administrator adds a campus: the page has it when the hub is there again, and the hub above is told of it", async () => {
  const page = await open("zh", "/settings/site");
  await signIn(page, "chief", PASSWORD);
  await page.getByRole("button", { name: "在东县添加校区" }).press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("校区代码").fill("third");
  await dialog.getByLabel("中文名").fill("第三中学");
  await dialog.getByRole("button", { name: "确定" }).press("Enter");
  await page.getByText("第三中学").waitFor();
  const since = hub.log.all.length;
  await page.getByRole("button", { name: "保存并生效" }).press("Enter");
  await page.getByRole("status").filter({ hasText: "已保存" }).waitFor();
  const told = join(folder, "data", "parent", "parent.yaml");
  await eventually(
    "the hub above is told of the campus",
    async () => (readFileSync(told, "utf8").includes("990100/990102/third") ? true : undefined),
    HUB_MS_MAX,
  );
  const isBack = (process: string) =>
    hub.log.until(`${process} is there again`, (each) => each.ready === true && each.process === process, {
      since,
      milliseconds: HUB_MS_MAX,
    });
  await Promise.all(["ingest", "rules", "dashboards"].map(isBack));
  await page.goto(`${hub.url}/settings/site`);
  await page.getByRole("button", { name: "修改: 第三中学" }).waitFor({ timeout: HUB_MS_MAX });
  await page.context().close();
  expect(troubles).toEqual([]);
});
