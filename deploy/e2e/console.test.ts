/** The console in a real Chromium: a door at a school is forced, and somebody at a desk sees it, acts and sees it end. */
import { rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { CampusOpsClient } from "@campus-ops/dashboards/client";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient, SimulatorControl } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { playClip } from "../testing/clip-journey.ts";
import { putIntoService } from "../testing/commissioning-journey.ts";
import { type ConsoleLanguage, launchChromium, openConsole } from "../testing/console-page.ts";
import { dutyDeskJourneys } from "../testing/duty-desk-journeys.ts";
import { everyPage } from "../testing/every-page.ts";
import { clearAndCrash, setUpAndSignIn } from "../testing/first-start-journey.ts";
import { answerHostileTexts, type Harm, HOSTILE, HOSTILE_PAGES, harmIn } from "../testing/hostile-texts.ts";
import { HubProcess } from "../testing/hub-process.ts";
import { pageJourneys } from "../testing/page-journeys.ts";
import { peopleJourneys } from "../testing/people-journeys.ts";
import { updatesJourney } from "../testing/updates-journey.ts";

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
  // A hub that went on with another's data leaves it.
  for (const folder of [hub.data, hub.run]) rmSync(folder, { recursive: true, force: true });
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

    await detail.getByRole("textbox", { name: "备注" }).fill("已派人到场");
    await detail.getByRole("button", { name: "确认", exact: true }).click();
    await expectText(page, "#alarm-detail .state-word", "已确认");
    await expectText(page, "#alarm-detail", "已派人到场");

    // One key opens the form on a phone as well, and the next takes the alarm on oneself.
    await page.setViewportSize({ width: 360, height: 740 });
    await page.keyboard.press("g");
    const form = page.getByRole("dialog", { name: "交给谁处理" });
    await form.waitFor();
    const fits = await page.evaluate<boolean>("document.documentElement.scrollWidth <= innerWidth");
    expect(fits).toBe(true);
    await page.keyboard.press("Enter");
    await expectText(page, "#alarm-detail .facts", "由 local 指定");
    await expectText(page, "#alarm-detail .transitions", "交给 local");
    await page.setViewportSize({ width: 1366, height: 768 });

    // The camera of the same store saw it; a picture is covered until somebody says why they look.
    const strip = page.locator(".picture-strip");
    await strip.locator("li").filter({ hasText: "危化品储藏室摄像机" }).first().waitFor({ timeout: 60_000 });
    const look = strip.getByRole("button", { name: "查看画面" }).first();
    await look.waitFor({ timeout: 60_000 });
    expect(await strip.locator("img").count()).toBe(0);
    // All of the button stands in its frame: a hand with a mouse has to find it.
    const reach = await look.evaluate((button) => {
      const frame = button.closest(".picture-frame")?.getBoundingClientRect();
      return (frame?.bottom ?? 0) - button.getBoundingClientRect().bottom;
    });
    expect(reach).toBeGreaterThan(0);
    const reason = detail.getByLabel("查看原因");
    await reason.fill("");
    expect(await look.isDisabled()).toBe(true);
    await reason.fill("核实是否有人闯入");
    await look.press("Enter");
    const picture = strip.locator("img").first();
    await picture.waitFor();
    await eventually("the picture is drawn", async () =>
      (await picture.evaluate((image) => Number(Reflect.get(image, "naturalWidth")))) > 0 ? true : undefined,
    );

    await control.set(GATE, "Door/Open", false);
    await expectText(page, "#alarm-detail .state-word", "已恢复");
    const seen = (await api.alarms()).find(
      ({ device, rule }) => device.key === GATE && rule.endsWith("door-forced"),
    );
    expect(seen).toMatchObject({ state: "normal", acknowledged: { comment: "已派人到场" } });
    // What was looked at is in the evidence by its hash, and whoever has the bundle can see it without the hub.
    const { pictures } = await api.alarm(seen?.id ?? "");
    const { sha256 = "none" } = pictures.find(({ state }) => state === "taken") ?? {};
    const bundle = await fetch(`${hub.url}/api/v1/alarms/${seen?.id}/bundle`);
    expect((await bundle.text()).includes(sha256)).toBe(true);
    await page.context().close();
  });
});

describe("a hazard, from the device's page to somebody else's word that it is mended", () => {
  test("is registered, assigned, mended and verified by keyboard alone", async () => {
    const page = await open(`/devices?device=${encodeURIComponent(GATE)}`, "zh");
    const press = async (name: string): Promise<void> =>
      page.getByRole("button", { name, exact: true }).press("Enter");
    const type = async (label: RegExp, text: string): Promise<void> => {
      await page.getByRole("dialog").getByLabel(label).focus();
      await page.keyboard.press("ControlOrMeta+A");
      await page.keyboard.type(text);
    };
    await press("为这台设备登记工单");
    await type(/隐患或故障/, "闸机异响");
    await press("登记");
    await expectText(page, "article", "已登记，待派单");
    await press("派单");
    await type(/整改人/, "李师傅");
    // Typed as people write days; then a week later, from the calendar, which closes alone.
    await type(/^整改期限$/, "2099年12月3日");
    await page.getByRole("button", { name: "从日历选择：整改期限" }).press("Enter");
    await page.getByRole("button", { name: /2099年12月3日/ }).waitFor();
    for (const key of ["Escape", "Enter", "ArrowDown", "Enter"]) await page.keyboard.press(key);
    await press("确定");
    await expectText(page, "article", "整改中");
    const { orders } = await api.get<{ orders: { due?: number }[] }>("/api/v1/work-orders?limit=1");
    expect(orders[0]?.due).toBe(Date.parse("2099-12-10T18:00:00+08:00"));
    const pixel =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    await page
      .getByLabel("添加照片")
      .setInputFiles({ name: "motor.png", mimeType: "image/png", buffer: Buffer.from(pixel, "base64") });
    await page.locator("article img").first().waitFor();
    await press("整改完成");
    await type(/说明/, "更换电机");
    await press("确定");
    await expectText(page, "article", "已整改，待复查");

    // Who mended it does not verify it; what was typed is still there to be put right.
    await press("复查合格");
    await type(/复查人/, "李师傅");
    await press("确定");
    await expectText(page, "dialog .failure", "复查人不能是整改人本人");
    await type(/复查人/, "王主任");
    await press("确定");
    await expectText(page, "article", "复查合格，已关闭");
    await page.context().close();
  });
});

describe("a classroom", () => {
  test("is made ready by a scene, and each device's read-back says so", async () => {
    const room = encodeURIComponent("990100/990102/qiyun-no1/a/3/301");
    const page = await open(`/rooms?room=${room}`, "zh");
    await page.getByRole("button", { name: "上课", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "执行“上课”" }).click();
    await expectText(page, ".run .run-head", "已完成");
    await expectText(page, ".run td[data-result]", "已");
    const [run] = await api.get<{ state: string; items: { state: string }[] }[]>("/api/v1/room-runs?limit=1");
    expect(run).toMatchObject({ state: "done" });
    expect(run?.items.map(({ state }) => state).join()).toMatch(/^(confirmed|already)$/);
    await page.context().close();
  });
});

describe("system updates of edge boxes", () => {
  updatesJourney(
    (path) => open(path, "zh"),
    () => hub.url,
  );
});

describe("20,000 devices", () => {
  const COUNT = 20_000;
  /** What a person notices is 200 ms. On a machine that is busy with other things only a task's own work can be told. */
  const WORK_MS_MAX = 200;

  test("scroll and filter without a piece of work that a person notices", async () => {
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
    const page = await context.newPage();
    const [{ devices: [pattern] = [] } = {}] = [await api.devices()];
    const devices = Array.from({ length: COUNT }, (_, n) => ({
      ...pattern,
      key: `qiyun-no1/box-${n % 200}/device-${n}`,
      device: `device-${n}`,
      title: { zh: `设备 ${n}`, en: `device ${n}` },
      metrics: [],
    }));
    await page.route("**/api/v1/devices?metrics=none", (route) =>
      route.fulfill({ contentType: "application/json", body: JSON.stringify({ devices, nodes: [] }) }),
    );
    await page.goto(`${hub.url}/devices`);
    await page.locator(".device-table tr[data-index]").first().waitFor();
    await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
    for (let step = 1; step <= 20; step += 1) {
      await page.locator(".device-scroll").evaluate((element, part) => {
        element.scrollTop = (element.scrollHeight * part) / 20;
      }, step);
      await page.locator(".device-table tr[data-index]").first().waitFor();
    }
    await page.getByRole("searchbox").pressSequentially("19999");
    await expectText(page, ".count", "1 台，共");
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
      traceEvents: { name: string; pid: number; tid: number; tdur?: number; args?: { name?: string } }[];
    };
    const threads = traceEvents
      .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid}/${tid}`);
    const work = traceEvents
      .filter(({ pid, tid, tdur }) => tdur !== undefined && threads.includes(`${pid}/${tid}`))
      .map(({ tdur = 0 }) => tdur / 1_000);
    expect(work.length).toBeGreaterThan(100);
    expect(Math.max(...work)).toBeLessThan(WORK_MS_MAX);
    await context.close();
  });
});

test("another system's program asks the hub by its typed client, and follows what happens", async () => {
  const other = new CampusOpsClient({ url: hub.url, language: "en" });
  const site = await other.call("GET /site");
  const { devices } = await other.call("GET /devices", { query: { metrics: "none" } });
  expect([site.counties.length, devices.length >= 60]).toEqual([2, true]);
  expect(await other.call("GET /site")).toBe(site);
  const stopping = new AbortController();
  for await (const { event } of other.stream({ signal: stopping.signal }))
    if (event === "device") stopping.abort();
});

test("an administrator has another system told: its secret is shown once, a test says what was answered", async () => {
  const told: IncomingHttpHeaders[] = [];
  const receiver = createServer((request, response) => {
    told.push(request.headers);
    request.resume().on("end", () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  const page = await open("/settings/webhooks", "zh");
  await page.getByLabel("名称").fill("市教育局");
  await page.getByLabel("对方的地址").fill(`http://127.0.0.1:${port}/hook`);
  await page.getByRole("button", { name: "添加推送" }).press("Enter");
  await expectText(page, ".secret", /^whsec_/);
  await page.getByRole("button", { name: "已交给对方" }).press("Enter");
  await page.locator(".secret").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "发送测试: 市教育局" }).press("Enter");
  await expectText(page, "[role=status]", "对方收下了（HTTP 204");
  // An alarm of the day may have been told before the test.
  expect(told.length).toBeGreaterThan(0);
  for (const headers of told) expect(headers["webhook-signature"]).toMatch(/^v1,/);
  await page.getByText("推送记录").press("Enter");
  await expectText(page, "td", "测试");
  await page.getByRole("button", { name: "停用: 市教育局" }).press("Enter");
  await expectText(page, ".settings-card", "已停用");
  await page.getByRole("button", { name: "删除: 市教育局" }).press("Enter");
  await page.getByRole("button", { name: "确定: 市教育局" }).press("Enter");
  await expectText(page, ".settings", "还没有推送");
  await page.context().close();
  await new Promise((resolve) => receiver.close(resolve));
});

test("the clip of an alarm, out of what its camera recorded, plays on the alarm's page", () =>
  playClip({ api, open }, GATE, "qiyun-no1/box-1/camera-store"));

test("an official sees the customer's map with its review number, and opens a county on it", async () => {
  const ring = [
    [114.3, 36.5],
    [114.6, 36.4],
    [114.7, 36.8],
    [114.3, 36.5],
  ];
  const geometry = { type: "Polygon", coordinates: [ring] };
  const features = [{ type: "Feature", properties: { code: "990102" }, geometry }];
  const geojson = { type: "FeatureCollection", features };
  const page = await open("/region", "zh");
  await page.getByText("更换地图").click();
  await page.getByLabel("GeoJSON 文件").setInputFiles({
    name: "city.geojson",
    mimeType: "application/geo+json",
    buffer: Buffer.from(JSON.stringify(geojson)),
  });
  await page.getByLabel("审图号").fill("GS(2024)0650号");
  await page.getByRole("button", { name: "使用这张地图" }).press("Enter");
  await page.getByText("审图号：GS(2024)0650号").waitFor();
  await page.locator(".map-area").click();
  await page.getByRole("heading", { level: 1, name: "栖云区" }).waitFor();
  await page.context().close();
});

test("what devices and people have stored is text wherever it is shown, whatever markup is in it", async () => {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  const page = await context.newPage();
  await answerHostileTexts(page);
  const seen: (Harm & { readonly path: string })[] = [];
  for (const path of HOSTILE_PAGES) {
    await page.goto(`${hub.url}${path}`);
    await page.locator("main h1, main h2, main table, main .alarm-row").first().waitFor();
    await page
      .locator("main .quiet-note")
      .filter({ hasText: /正在读取/ })
      .first()
      .waitFor({ state: "detached" });
    seen.push({ path, ...(await harmIn(page)) });
  }
  expect(seen.filter(({ taken }) => taken)).toEqual([]);
  // Nearly all of them: a page may have nothing to show of what somebody chose.
  expect(seen.filter(({ shown }) => shown).length).toBeGreaterThan(HOSTILE_PAGES.length / 2);
  // The same text where it is taken for markup would be seen.
  await page.locator("main").evaluate((main, html) => main.insertAdjacentHTML("beforeend", html), HOSTILE);
  expect(await harmIn(page)).toMatchObject({ taken: true });
  await context.close();
});

test("an installer finds a new device, takes it in, sees its readings, and withdraws it, by keyboard", () =>
  putIntoService(open));

/** All that people do and see in either language, at each size and in either theme, or a set in which each is there. */
const ALL_JOURNEYS = process.env.CAMPUS_OPS_JOURNEYS === "all";

describe("people at the console", () => {
  everyPage(() => ({ url: hub.url, open }), ALL_JOURNEYS);
  peopleJourneys(() => ({ api, control, open }), ALL_JOURNEYS);
});

dutyDeskJourneys(() => ({ url: hub.url, api, browser, open }));

pageJourneys(() => ({ url: hub.url, api, browser, open }));

test("no page threw an error or asked anybody but its own hub for anything", () => {
  expect(troubles).toEqual([]);
});

// Last: nothing is left of the demonstration.
test("the demonstration is cleared, the machine fails meanwhile, a hub is made in its place, and its administrator signs in", async () => {
  const { data } = hub;
  await clearAndCrash(hub, browser);
  hub = await HubProcess.start({ data });
  await setUpAndSignIn(hub, browser);
});

async function expectText(page: Page, selector: string, text: string | RegExp): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout: 30_000 });
}
