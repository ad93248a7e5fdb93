/** The box itself: its clock, its disk, the names it has to resolve. */
import { execFile } from "node:child_process";
import { lookup } from "node:dns/promises";
import { statfs } from "node:fs/promises";
import { isIP } from "node:net";
import { promisify } from "node:util";
import { type CheckResult, errorText, text } from "./finding.ts";
import { askNtp, NTP_PORT } from "./ntp.ts";

/** More than this and alarms seem to come before what caused them. */
export const OFFSET_MS_MAX = 2_000;
const NTP_MS_MAX = 5_000;
const COMMAND_MS_MAX = 5_000;
/** The outbox needs room for its budget; below this there is hardly any for anything. */
export const DISK_BYTES_MIN = 200 * 1024 * 1024;

const run = promisify(execFile);

/** Against `server` (`host` or `host:port`) where one is given; else what chrony or systemd believe. */
export async function checkClock(server: string | undefined): Promise<CheckResult> {
  if (server !== undefined) return await compareWith(server);
  const believed = (await askChrony()) ?? (await askSystemd());
  if (believed === undefined) {
    return {
      check: "clock",
      subject: "clock",
      status: "skipped",
      says: text("无法得知时钟是否同步", "nothing here says whether the clock is synchronised"),
      advice: text("用 --ntp <服务器> 指定一台时间服务器", "name a time server: --ntp <server>"),
    };
  }
  return believed
    ? { check: "clock", subject: "clock", status: "ok", says: text("已同步", "synchronised") }
    : {
        check: "clock",
        subject: "clock",
        status: "warning",
        says: text("尚未与时间服务器同步", "not synchronised with a time server"),
        advice: text(
          "检查能否访问时间服务器（UDP 123），或在本网设一台",
          "check that a time server can be reached (UDP 123), or set one up here",
        ),
      };
}

async function compareWith(server: string): Promise<CheckResult> {
  const [host = "", port] = server.split(":");
  try {
    const { offset_ms } = await askNtp(host, port === undefined ? NTP_PORT : Number(port), NTP_MS_MAX);
    const seconds = (offset_ms / 1_000).toFixed(2);
    const wrong = Math.abs(offset_ms) > OFFSET_MS_MAX;
    return {
      check: "clock",
      subject: server,
      status: wrong ? "failed" : "ok",
      says: text(`本机时钟偏差 ${seconds} 秒`, `this clock is off by ${seconds} s`),
      ...(wrong
        ? {
            advice: text(
              "启用时间同步：timedatectl set-ntp true",
              "have it synchronised: timedatectl set-ntp true",
            ),
          }
        : {}),
    };
  } catch (error) {
    return {
      check: "clock",
      subject: server,
      status: "failed",
      says: text(`时间服务器无应答：${errorText(error)}`, `no time from it: ${errorText(error)}`),
      advice: text("检查地址与 UDP 123 端口", "check its address, and that UDP 123 is let through"),
    };
  }
}

/** Undefined where chrony does not run. */
async function askChrony(): Promise<boolean | undefined> {
  try {
    const { stdout } = await run("chronyc", ["-c", "tracking"], { timeout: COMMAND_MS_MAX });
    return stdout.trim().split(",").at(-1) === "Normal";
  } catch {
    return undefined;
  }
}

async function askSystemd(): Promise<boolean | undefined> {
  try {
    const { stdout } = await run("timedatectl", ["show", "--property=NTPSynchronized", "--value"], {
      timeout: COMMAND_MS_MAX,
    });
    return stdout.trim() === "yes";
  } catch {
    return undefined;
  }
}

/** `needed_bytes`: what the outbox may grow to. */
export async function checkDisk(folder: string, needed_bytes: number): Promise<CheckResult> {
  try {
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const status = free < DISK_BYTES_MIN ? "failed" : free < needed_bytes ? "warning" : "ok";
    const says = text(`剩余 ${mebibytes(free)}`, `${mebibytes(free)} free`);
    const advice = text(
      `断网时待发数据最多占 ${mebibytes(needed_bytes)}：请清理磁盘，或减小 outbox.maxBytes`,
      `while the link is down up to ${mebibytes(needed_bytes)} wait here: make room, or lower outbox.maxBytes`,
    );
    return { check: "disk", subject: folder, status, says, ...(status === "ok" ? {} : { advice }) };
  } catch (error) {
    return {
      check: "disk",
      subject: folder,
      status: "failed",
      says: text(
        `数据文件夹不可用：${errorText(error)}`,
        `the data folder cannot be used: ${errorText(error)}`,
      ),
      advice: text("检查 CAMPUS_OPS_DATA", "check CAMPUS_OPS_DATA"),
    };
  }
}

const mebibytes = (bytes: number): string => `${Math.floor(bytes / 1_048_576)} MiB`;

/** One result a host name; addresses need no resolving. */
export async function checkNames(hosts: readonly string[]): Promise<readonly CheckResult[]> {
  const names = [...new Set(hosts.map((host) => host.replace(/^\[|\]$/g, "")))];
  const resolvable = names.filter((name) => name !== "" && isIP(name) === 0);
  return await Promise.all(resolvable.map(resolve));
}

async function resolve(name: string): Promise<CheckResult> {
  try {
    const { address } = await lookup(name);
    return { check: "dns", subject: name, status: "ok", says: text(`→ ${address}`, `→ ${address}`) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? errorText(error);
    return {
      check: "dns",
      subject: name,
      status: "failed",
      says: text(`域名无法解析（${code}）`, `the name cannot be resolved (${code})`),
      advice: text(
        "检查域名与 DNS 服务器，或改用地址",
        "check the name and the DNS server, or use an address",
      ),
    };
  }
}
