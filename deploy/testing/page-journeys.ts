/** What people do on the console's other pages, in the Chromium and on the hub of the console's test; each is undone again. */
import type { PlanView } from "@campus-ops/dashboards/api";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { Site } from "./duty-desk-journeys.ts";

const ROOM = "990100/990102/qiyun-no1/a/3/301";
const BUILDING = "990100/990102/qiyun-no1/a";
/** The school day leaves it and its switch alone. */
const CAMERA = "qiyun-no1/box-1/camera-store";
/** A box reads back within its next poll; a machine that is busy with other tests takes longer. */
const READ_BACK_MS_MAX = 30_000;

/** Marks the page when one of the browser's sources of sound begins. In the page's own language: it runs there. */
const SOUNDS_ARE_SEEN = `{
  const { start } = AudioScheduledSourceNode.prototype;
  AudioScheduledSourceNode.prototype.start = function (at) {
    document.documentElement.dataset.sounded = "true";
    start.call(this, at);
  };
}`;

/** `site` is asked for when the hub is there. */
export function pageJourneys(site: () => Site): void {
  const press = (page: Page, name: string | RegExp): Promise<void> =>
    page.getByRole("button", { name, ...(typeof name === "string" ? { exact: true } : {}) }).press("Enter");
  const sees = (page: Page, selector: string, text: string | RegExp): Promise<void> =>
    page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout: READ_BACK_MS_MAX });

  describe("what people do on the other pages", () => {
    test("a device is commanded on its page, its read-back confirms it, and the trail says so in words", async () => {
      const { api, open } = site();
      const { devices } = await api.devices();
      const projector = devices.find(
        ({ class: kind, path }) => kind === "projector" && path.startsWith(ROOM),
      );
      const page = await open(`/devices?device=${encodeURIComponent(projector?.key ?? "")}`, "zh");
      // The school day may have switched it a moment ago: whichever can be done now.
      await press(page, /^[开关]机$/);
      await page.getByRole("dialog").getByLabel("原因").fill("检查投影机");
      await page.getByRole("dialog").getByRole("button", { name: "执行" }).press("Enter");
      await sees(page, ".command-state[data-state=confirmed]", "已确认：设备回读一致");
      await page.goto(`${site().url}/audit?action=${encodeURIComponent("控制设备")}`);
      await sees(page, "main tbody tr", /控制设备.*检查投影机/s);
      expect(await page.locator("main tbody tr").filter({ hasNotText: "控制设备" }).count()).toBe(0);
      await page.context().close();
    });

    test("a scene runs over a building, with progress and what became of each device", async () => {
      const { open } = site();
      const page = await open(`/rooms?scope=${encodeURIComponent(BUILDING)}`, "zh");
      await press(page, "上课");
      await page.getByRole("dialog").getByRole("button", { name: "执行“上课”" }).press("Enter");
      await sees(page, ".run .run-head", "已完成");
      const results = page.locator(".run td[data-result]");
      expect(await results.count()).toBeGreaterThan(1);
      expect(await page.locator(".run td[data-result=waiting], .run td[data-result=requested]").count()).toBe(
        0,
      );
      await page.context().close();
    });

    test("a table with a wrong row is refused by row and column; put right, it is previewed and written", async () => {
      const { api, open } = site();
      const { devices } = await api.devices();
      const [device] = devices.filter(({ class: kind }) => kind === "camera");
      const page = await open("/register", "zh");
      const bring = (installed: string): Promise<void> =>
        page.getByLabel("选择 XLSX 或 CSV 文件").setInputFiles({
          name: "register.csv",
          mimeType: "text/csv",
          buffer: Buffer.from(`设备编号,供应商,安装日期\n${device?.key},启明电子,${installed}\n`),
        });
      await bring("不知道");
      await sees(page, "main .stale-note", "什么都没有写入");
      await sees(page, "main tbody tr", /2.*安装日期/s);
      await bring("2026-09-01");
      await sees(page, "main tbody tr", /启明电子/);
      await press(page, "写入台账");
      await sees(page, "main", "已写入：1 台设备");
      await page.context().close();
    });

    test("a camera is looked at now for a reason, and again by a button", async () => {
      const page = await site().open(`/devices?device=${encodeURIComponent(CAMERA)}`, "zh");
      const reason = page.getByLabel("抓拍原因");
      await reason.fill(" ");
      expect(await page.getByRole("button", { name: "抓拍现在的画面" }).isDisabled()).toBe(true);
      await reason.fill("核实门口");
      await press(page, "抓拍现在的画面");
      const picture = page.locator(".look-now img");
      await picture.waitFor({ timeout: READ_BACK_MS_MAX });
      const first = await picture.getAttribute("src");
      await press(page, "刷新");
      await page.locator(`.look-now img:not([src="${first}"])`).waitFor({ timeout: READ_BACK_MS_MAX });
      await page.context().close();
    });

    test("each priority's sound can be tried, and sounds through the browser", async () => {
      const { open } = site();
      const page = await open("/alarms", "zh");
      await page.evaluate(SOUNDS_ARE_SEEN);
      await page.keyboard.press("?");
      await page.getByRole("dialog").getByRole("button", { name: "试听红色" }).press("Enter");
      await page.locator("html[data-sounded]").waitFor({ state: "attached" });
      await page.context().close();
    });

    test("schools are ranked by a figure, the page goes on paper, and a tree that cannot be is not saved", async () => {
      const { api, open, url } = site();
      const page = await open("/region", "zh");
      await page.locator("main table").getByRole("button", { name: "当前报警" }).press("Enter");
      await page.locator("main th[aria-sort=descending]").filter({ hasText: "当前报警" }).waitFor();
      await page.getByRole("heading", { name: "近 7 天" }).waitFor();
      await page.emulateMedia({ media: "print" });
      expect(await page.locator(".top-bar").isVisible()).toBe(false);
      expect(await page.locator("main table").first().isVisible()).toBe(true);
      await page.emulateMedia({ media: "screen" });
      await page.goto(`${url}/settings/site`);
      await press(page, "添加区县");
      await page.getByLabel("区县代码").fill("110101");
      await page.getByLabel("中文名").fill("外市区县");
      await press(page, "确定");
      await press(page, "保存并生效");
      await sees(page, "[role=alert]", "110101 不在 990100 之下");
      expect(JSON.stringify(await api.get("/api/v1/site"))).not.toContain("110101");
      await page.context().close();
    });

    test("a page whose files do not come says so in its place; the desk goes on, and the page is there when it is loaded again", async () => {
      const { open } = site();
      const page = await open("/alarms", "zh");
      const files = /\/assets\/page-[^/]+\.js$/;
      await page.route(files, (route) => route.abort());
      const goTo = (address: string): Promise<void> =>
        page.locator(`nav a[href="${address}"]`).press("Enter");
      await goTo("/account");
      await sees(page, "main [role=alert]", "这部分没有载入");
      await goTo("/alarms");
      await page.locator("main .toolbar").waitFor();
      expect(await page.locator(".shell").getAttribute("data-connection")).toBe("live");
      await goTo("/account");
      await page.unroute(files);
      await press(page, "重新载入页面");
      await sees(page, "main h1", "我的账号");
      await page.context().close();
    });

    test("a device is dragged to its place on a plan", async () => {
      const { api, open } = site();
      const page = await open("/plans", "zh");
      await page.locator("main .plan-frame, main summary").first().waitFor();
      const plans = await api.get<readonly PlanView[]>("/api/v1/plans");
      expect(plans.length).toBeGreaterThan(0);
      await press(page, "放置设备");
      const pin = page.locator(".plan-pin").first();
      const frame = await page.locator(".plan-frame").boundingBox();
      const from = await pin.boundingBox();
      if (frame === null || from === null) throw new Error("the plan is not drawn");
      await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
      await page.mouse.down();
      await page.mouse.move(frame.x + frame.width * 0.25, frame.y + frame.height * 0.75, { steps: 3 });
      await page.mouse.up();
      await press(page, "保存位置");
      await page.getByRole("button", { name: "放置设备" }).waitFor();
      const [plan] = await api.get<readonly PlanView[]>("/api/v1/plans");
      expect(plan?.pins[0]?.x).toBeCloseTo(0.25, 2);
      expect(plan?.pins[0]?.y).toBeCloseTo(0.75, 2);
      await page.context().close();
    });
  });
}
