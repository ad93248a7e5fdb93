/**
 * `edge.conf`, with which an installer tells a new box where its hub is: `key=value`, a line each, written on whatever
 * machine was at hand. It is read generously: UTF-8 with or without a byte order mark, UTF-16, GB 18030; `＝`, `：` and full-width
 * letters as a Chinese input method makes them; quotes of all kinds; keys in Chinese or English.
 *
 * | key         | 中文   | meaning                                                      |
 * | ----------- | ------ | ------------------------------------------------------------ |
 * | `hub`       | 中心   | host name or address of the hub, with `:port` of its enrolment |
 * | `ca-sha256` | 指纹   | SHA-256 of the certificate of the hub's authority, in hex     |
 * | `token`     | 令牌   | one-time token, 26 characters                                |
 * | `campus`    | 校区   | for people; the token says it                                |
 * | `node`      | 边缘盒 | for people; the token says it                                |
 */
import { nearest } from "@campus-ops/device-profiles/vocabulary";

export const SEED_BYTES_MAX = 64 * 1024;
/** The hub's enrolment, unless `hub` says another. */
export const ENROLMENT_PORT = 8884;

export interface Seed {
  readonly host: string;
  readonly port: number;
  /** Lower-case hex. */
  readonly pin: string;
  /** Absent once it was used: it is then taken out of the file. */
  readonly token: string | undefined;
  readonly campus: string | undefined;
  readonly node: string | undefined;
}

export interface SeedProblem {
  /** From 1; 0 for the file as a whole. */
  readonly line: number;
  readonly zh: string;
  readonly en: string;
}

export interface ReadSeed {
  /** Undefined where a problem stands in the way. */
  readonly seed: Seed | undefined;
  readonly problems: readonly SeedProblem[];
}

const KEYS = ["hub", "ca-sha256", "token", "campus", "node"] as const;
type Key = (typeof KEYS)[number];

const NAMES: Readonly<Record<string, Key>> = {
  hub: "hub",
  中心: "hub",
  中心地址: "hub",
  server: "hub",
  casha256: "ca-sha256",
  ca: "ca-sha256",
  指纹: "ca-sha256",
  证书指纹: "ca-sha256",
  token: "token",
  令牌: "token",
  校区: "campus",
  campus: "campus",
  node: "node",
  边缘盒: "node",
  盒子: "node",
};

const QUOTES = /^[\s"'“”‘’「」`]+|[\s"'“”‘’「」`]+$/g;
// Zero-width characters and marks that editors and chat programs leave behind.
const INVISIBLE = /[\u200b-\u200f\u2060\ufeff]/g;
const TOKEN = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const HOST = /^(?:[a-z]+:\/\/)?(\[[0-9a-f:.]+\]|[0-9a-z](?:[0-9a-z.-]*[0-9a-z])?)(?::(\d{1,5}))?\/?$/i;

export function readSeed(bytes: Uint8Array): ReadSeed {
  if (bytes.length > SEED_BYTES_MAX) {
    return failed(0, `文件超过 ${SEED_BYTES_MAX} 字节`, `the file is larger than ${SEED_BYTES_MAX} bytes`);
  }
  const problems: SeedProblem[] = [];
  const found = new Map<Key, { readonly value: string; readonly line: number }>();
  for (const [index, raw] of decode(bytes)
    .split(/\r\n|\r|\n/)
    .entries()) {
    const line = index + 1;
    const text = raw.normalize("NFKC").replaceAll(INVISIBLE, "").trim();
    if (text === "" || /^(#|;|\/\/)/.test(text)) continue;
    const at = text.search(/[=:]/);
    if (at < 0) {
      problems.push({ line, zh: "这一行没有等号", en: "this line has no equals sign" });
      continue;
    }
    const name = text
      .slice(0, at)
      .replaceAll(QUOTES, "")
      .toLowerCase()
      .replaceAll(/[\s_-]/g, "");
    const value = text.slice(at + 1).replaceAll(QUOTES, "");
    const key = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
    if (key === undefined) problems.push(unknownKey(line, name));
    else if (value === "") continue;
    else if ((found.get(key)?.value ?? value) !== value) {
      problems.push({
        line,
        zh: `${key} 写了两次且不相同`,
        en: `${key} stands twice, with different values`,
      });
    } else found.set(key, { value, line });
  }
  return checked(found, problems);
}

/** The file without its token, so that nobody finds it there later; in UTF-8 with a mark, which every editor reads. */
export function withoutToken(bytes: Uint8Array): Uint8Array {
  const lines = decode(bytes)
    .split(/\r\n|\r|\n/)
    .map((raw) => {
      const text = raw.normalize("NFKC").replaceAll(INVISIBLE, "").trim();
      const name = text.slice(0, Math.max(0, text.search(/[=:]/))).replaceAll(QUOTES, "");
      const key = name.toLowerCase().replaceAll(/[\s_-]/g, "");
      return Object.hasOwn(NAMES, key) && NAMES[key] === "token" ? "# token: 已使用 used" : raw;
    });
  return new TextEncoder().encode(`\ufeff${lines.join("\r\n").replaceAll("\ufeff", "")}`);
}

function checked(
  found: ReadonlyMap<Key, { readonly value: string; readonly line: number }>,
  problems: readonly SeedProblem[],
): ReadSeed {
  const all = [...problems];
  const missing = (["hub", "ca-sha256"] as const).filter((key) => !found.has(key));
  for (const key of missing) all.push({ line: 0, zh: `缺少 ${key}`, en: `${key} is missing` });
  const hub = found.get("hub");
  const [, host, port] = HOST.exec(hub?.value ?? "") ?? [];
  if (hub !== undefined && (host === undefined || Number(port ?? ENROLMENT_PORT) > 65_535)) {
    all.push({ line: hub.line, zh: "hub 不是主机名或地址", en: "hub is no host name and no address" });
  }
  const ca = found.get("ca-sha256");
  const pin = ca?.value.toLowerCase().replaceAll(/[^0-9a-z]/g, "");
  if (ca !== undefined && !/^[0-9a-f]{64}$/.test(pin ?? "")) {
    all.push({
      line: ca.line,
      zh: "ca-sha256 须为 64 位十六进制",
      en: "ca-sha256 must have 64 hexadecimal digits",
    });
  }
  const written = found.get("token");
  const token = written?.value
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  if (written !== undefined && !TOKEN.test(token ?? "")) {
    all.push({
      line: written.line,
      zh: "token 须为 26 个字母数字",
      en: "token must have 26 letters and digits",
    });
  }
  if (all.some(({ line, en }) => line === 0 || !en.startsWith("there is no key"))) {
    return { seed: undefined, problems: all };
  }
  const seed = {
    host: (host ?? "").replaceAll(/[[\]]/g, ""),
    port: Number(port ?? ENROLMENT_PORT),
    pin: pin ?? "",
    token,
    campus: found.get("campus")?.value,
    node: found.get("node")?.value,
  };
  return { seed, problems: all };
}

/** Nothing depends on it: a newer hub may write keys that this box does not know. */
function unknownKey(line: number, name: string): SeedProblem {
  const shown = name.slice(0, 40);
  const [close] = nearest(shown, KEYS);
  return {
    line,
    zh: `没有 ${shown} 这一项${close === undefined ? "" : `，是否为 ${close}`}`,
    en: `there is no key ${shown}${close === undefined ? "" : `; did you mean ${close}`}`,
  };
}

function failed(line: number, zh: string, en: string): ReadSeed {
  return { seed: undefined, problems: [{ line, zh, en }] };
}

/** By its mark, or by what it can be: UTF-16 of Latin text has a zero in every pair, and GB 18030 is rarely sound UTF-8. */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  const zeros = [0, 0];
  for (const [index, byte] of bytes.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > bytes.length / 8) return new TextDecoder("utf-16le").decode(bytes);
  if (even > bytes.length / 8) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}
