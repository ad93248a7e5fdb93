/** One device, asked once through its own driver: is it there, does it let us in, does it make sense, is its clock right. */
import type { Profile } from "@campus-ops/device-profiles/profiles";
import { type NumberLayout, suggestOrders } from "@campus-ops/device-profiles/profiles/modbus-orders";
import type { ModbusProfile } from "@campus-ops/device-profiles/profiles/modbus-profile";
import {
  type LocalText,
  metricDefinition,
  QUALITY_REASONS,
  type Reading,
  type Sample,
} from "@campus-ops/device-profiles/vocabulary";
import type { DeviceConfiguration } from "../configuration.ts";
import { wrongReadings } from "../core/commissioning.ts";
import { judge } from "../core/report-by-exception.ts";
import { DriverError, type DriverErrorKind } from "../drivers/driver.ts";
import { openSession } from "../drivers/registry.ts";
import { type CheckResult, errorText, text } from "./finding.ts";

const OPEN_MS_MAX = 10_000;
const LOOK_MS_MAX = 10_000;
/** A device's clock may be so far off; its times are corrected, and its own log and display are not. */
export const DEVICE_CLOCK_S_MAX = 60;
const WRONG_SHOWN_MAX = 3;

/** Devices that call in are heard by the agent alone: it holds the port. */
const CALLS_IN: ReadonlySet<string> = new Set(["jt808", "gbt26875", "webhook"]);
/** What a line or a port says that somebody else, mostly the agent, is using. */
const IN_USE: ReadonlySet<string> = new Set(["EADDRINUSE", "EBUSY", "EAGAIN"]);

const FAILURES: Readonly<Record<DriverErrorKind, { readonly says: LocalText; readonly advice: LocalText }>> =
  {
    unreachable: {
      says: text("无法访问", "cannot be reached"),
      advice: text("检查电源与网线，再检查配置中的地址", "check its power and cable, then its address"),
    },
    timeout: {
      says: text("有连接，无应答", "accepts, and does not answer in time"),
      advice: text(
        "重启设备；SNMP 还要检查团体名（团体名错误时设备不应答）",
        "restart it; with SNMP check the community too: a wrong one is met with silence",
      ),
    },
    "login-refused": {
      says: text("用户名或密码被拒绝", "refuses user or password"),
      advice: text(
        "改正 username 与 secretFile；不要反复重试，以免账号被锁",
        "correct username and secretFile; do not try again and again, accounts get locked",
      ),
    },
    "device-exception": {
      says: text("设备回复了错误", "answers, and says no"),
      advice: text(
        "设备模型可能不符，请核对型号与固件",
        "the profile may not fit: compare model and firmware",
      ),
    },
    garbage: {
      says: text("应答无法解析", "what it sends makes no sense"),
      advice: text("核对协议、端口与设备模型", "compare protocol, port and profile"),
    },
    unsupported: {
      says: text("设备不提供所需功能", "does not offer what is asked"),
      advice: text("换一个要求更少的设备模型", "choose a profile that asks less"),
    },
  };

export async function checkDevice(device: DeviceConfiguration): Promise<CheckResult> {
  const { id, profile, target } = device;
  const result = (status: CheckResult["status"], says: LocalText, advice?: LocalText): CheckResult => ({
    check: "device",
    subject: id,
    status,
    says,
    ...(advice === undefined ? {} : { advice }),
  });
  if (CALLS_IN.has(profile.protocol)) {
    return result(
      "skipped",
      text("设备主动上报，由采集程序接收", "calls in by itself, and is heard by the agent"),
      text("在控制台查看是否在线", "see on the console whether it is online"),
    );
  }
  const began = performance.now();
  let reading: Reading;
  try {
    const environment = { now: Date.now, pseudonym: () => "" };
    const session = await openSession(target, profile, environment, within(OPEN_MS_MAX));
    try {
      const facts = await session.identify?.(within(LOOK_MS_MAX));
      const look = await session.poll?.(within(LOOK_MS_MAX));
      reading = { samples: [...(facts?.samples ?? []), ...(look?.samples ?? [])], events: [] };
    } finally {
      await session.close();
    }
  } catch (error) {
    return failed(error, result);
  }
  return judged(profile, reading.samples.map(judgedSample), Math.round(performance.now() - began), result);
}

type Result = (status: CheckResult["status"], says: LocalText, advice?: LocalText) => CheckResult;

function failed(error: unknown, result: Result): CheckResult {
  if (isInUse(error)) {
    return result(
      "skipped",
      text("线路正被占用，多半是采集程序在用", "its line is in use, most likely by the agent"),
      text("要单独检查，请先停止采集程序", "to check it alone, stop the agent first"),
    );
  }
  if (!(error instanceof DriverError)) {
    return result("failed", text(`出错：${errorText(error)}`, `fails: ${errorText(error)}`));
  }
  const { advice, says } = FAILURES[error.kind];
  return result("failed", text(`${says.zh}：${error.message}`, `${says.en}: ${error.message}`), advice);
}

function judged(profile: Profile, samples: readonly Sample[], took_ms: number, result: Result): CheckResult {
  const wrong = wrongReadings(samples);
  if (wrong.length > 0) {
    const shown = wrong.slice(0, WRONG_SHOWN_MAX);
    const [zh, en] = (["zh", "en"] as const).map((language) =>
      shown
        .map(({ metric, quality, value }) => {
          const reason = quality.status === "good" ? "" : QUALITY_REASONS[quality.reason][language];
          return `${metric} = ${String(value)} (${reason})`;
        })
        .join("; "),
    );
    return result(
      "warning",
      text(`有不合理的读数：${zh}`, `some readings are not plausible: ${en}`),
      ordersAdvice(profile, wrong) ??
        text("核对设备模型、接线与传感器", "compare profile, wiring and sensor"),
    );
  }
  const clock = samples.find(({ metric }) => metric === "Connectivity/ClockOffset")?.value;
  if (typeof clock === "number" && Math.abs(clock) > DEVICE_CLOCK_S_MAX) {
    return result(
      "warning",
      text(`设备时钟偏差 ${clock.toFixed(0)} 秒`, `its clock is off by ${clock.toFixed(0)} s`),
      text("校准设备时钟，或为它设置时间服务器", "set its clock, or give it a time server"),
    );
  }
  const offset =
    typeof clock === "number"
      ? text(`，时钟偏差 ${clock.toFixed(1)} 秒`, `, clock off by ${clock.toFixed(1)} s`)
      : text("", "");
  return result(
    "ok",
    text(
      `正常：${samples.length} 个读数，用时 ${took_ms} 毫秒${offset.zh}`,
      `in order: ${samples.length} readings in ${took_ms} ms${offset.en}`,
    ),
  );
}

/** In which order the registers of a value that looks wrong would hold a plausible one. */
function ordersAdvice(profile: Profile, wrong: readonly { metric: string; value: Sample["value"] }[]) {
  if (profile.protocol !== "modbus") return undefined;
  for (const { metric, value } of wrong) {
    const found = ordersOf(profile, metric, value);
    if (found === undefined || found.length === 0) continue;
    const said = found.map((each) => `${each.order} → ${each.value}`).join(", ");
    return text(
      `${metric} 的字节序可能是 ${said}：改设备模型的 order`,
      `the order of ${metric} may be ${said}: change it in the profile`,
    );
  }
  return undefined;
}

const LAYOUT = /^(u?int16|u?int32|float32)/;

function ordersOf(profile: ModbusProfile, metric: string, value: Sample["value"]) {
  const point = profile.points[metric];
  const plausible = metricDefinition(metric)?.plausible;
  if (point?.kind !== "register" || point.type !== "number" || typeof value !== "number") return undefined;
  const layout = LAYOUT.exec(point.codec.name)?.[1] as NumberLayout | undefined;
  if (layout === undefined || plausible === undefined) return undefined;
  // Numbers go back into the registers as they came out of them.
  const raw = value * (point.divisor ?? 1);
  const registers = point.codec.encode(layout === "float32" ? raw : Math.round(raw));
  return suggestOrders({
    registers,
    layout,
    plausible,
    ...(point.divisor === undefined ? {} : { divisor: point.divisor }),
  });
}

function judgedSample(sample: Sample): Sample {
  const definition = metricDefinition(sample.metric);
  return definition === undefined ? sample : judge(sample, definition);
}

function within(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  const late = new DriverError("timeout", `no answer within ${milliseconds} ms`, { retry: true });
  setTimeout(() => controller.abort(late), milliseconds).unref();
  return controller.signal;
}

function isInUse(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ("code" in at && IN_USE.has(String(at.code))) return true;
  }
  return false;
}
