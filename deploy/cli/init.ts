/** `campus-ops init`: from nothing to a hub that can be started. It asks what it was not told, and makes the hub. */
import { existsSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import type { Language } from "@campus-ops/device-profiles/vocabulary";
import { type Environment, OperatorError } from "@campus-ops/service";
import { hostOf } from "../pki/configuration.ts";
import { lockData } from "./data-lock.ts";
import { type HubPlan, makeHub } from "./make-hub.ts";
import { clearingOf, moveAside } from "./set-up/clearing.ts";

export interface InitOptions {
  /** Where `hub.yaml` and `secrets/` go. */
  readonly folder: string;
  /** `code:title` or `code:中文/English`. */
  readonly city?: string | undefined;
  readonly county?: string | undefined;
  /** `id:title` or `id:中文/English`, one at least. */
  readonly campus: readonly string[];
  /** Names and addresses that the hub is reached by; the machine's own unless said. */
  readonly name: readonly string[];
  readonly administrator?: string | undefined;
  /** A first password is made up, and told. */
  readonly generate: boolean;
  readonly mqttsPort: number;
  readonly enrolmentPort: number;
  /** The seed file that the hub above made for this one. */
  readonly parent?: string | undefined;
  /** Addresses at which this machine reads devices itself, for the first campus. */
  readonly edgeRanges?: string | undefined;
  /** The systemd service that runs this hub; undefined where a person starts it. */
  readonly service: string | undefined;
}

export interface InitContext {
  readonly environment: Environment;
  readonly language: Language;
  /** Undefined where nobody sits in front: what is missing is then an error. */
  readonly ask: ((question: string, standard: string) => Promise<string>) | undefined;
  readonly readPassword: () => Promise<string>;
}

type Answers = Pick<HubPlan, "city" | "county" | "campuses" | "names" | "administrator">;

/** What to print. Throws {@link OperatorError}; what was made until then is used by the next attempt. */
export async function runInit(options: InitOptions, context: InitContext): Promise<readonly string[]> {
  const { environment, language } = context;
  const say = (zh: string, en: string): string => (language === "zh" ? zh : en);
  const file = join(options.folder, "hub.yaml");
  if (existsSync(file)) {
    throw new OperatorError(
      say(
        `${file} 已存在，不会覆盖；换一个 --folder，或先移走它`,
        `${file} is there and is not overwritten; say another --folder, or move it away`,
      ),
    );
  }
  finishClearing(environment.data);
  const answers = await ask(options, context, say);
  const password = options.generate ? undefined : await context.readPassword();
  const { edgeRanges, mqttsPort, enrolmentPort, folder, parent } = options;
  const made = await makeHub(
    { ...answers, password, mqttsPort, enrolmentPort, folder, parent, edgeRanges },
    environment,
    language,
  );
  return [
    say(`已写入 ${file}`, `wrote ${file}`),
    say(
      `证书颁发机构在 ${made.pki}；ca.key 请另行离线备份。指纹 ${made.pin}`,
      `the certificate authority is in ${made.pki}; keep a copy of ca.key offline. Fingerprint ${made.pin}`,
    ),
    ...(made.password === undefined
      ? []
      : [
          say(
            `管理员 ${answers.administrator} 的初始密码：${made.password}`,
            `first password of ${answers.administrator}: ${made.password}`,
          ),
        ]),
    ...nextSteps(file, options.service, answers, environment.httpPort, say),
  ];
}

/** Before anything is made in a folder whose demonstration was being cleared when the machine failed. */
function finishClearing(data: string): void {
  if (clearingOf(data) !== "clearing") return;
  const lock = lockData(data);
  try {
    moveAside(data);
  } finally {
    lock.release();
  }
}

/** An installed hub finds its configuration by itself. */
function nextSteps(
  file: string,
  service: string | undefined,
  { campuses, names }: Answers,
  port: number,
  say: (zh: string, en: string) => string,
): readonly string[] {
  const start = service === undefined ? `campus-ops up --config ${file}` : `systemctl start ${service}`;
  const which = `${service === undefined ? `--config ${file} ` : ""}--campus ${campuses[0]?.[0]} --node box-1`;
  const address = `https://${hostOf(names[0] ?? "localhost")}:${port}`;
  return [
    say(`启动：${start}；然后打开 ${address}`, `start: ${start}; then open ${address}`),
    say(
      `为每台盒子制作 U 盘文件：campus-ops enrol token ${which} --out <U 盘>`,
      `for each box, on its stick: campus-ops enrol token ${which} --out <stick>`,
    ),
  ];
}

async function ask(
  options: InitOptions,
  { ask: question }: InitContext,
  say: (zh: string, en: string) => string,
): Promise<Answers> {
  const answer = async (
    given: string | undefined,
    flag: string,
    text: string,
    standard: string,
  ): Promise<string> => {
    if (given !== undefined) return given;
    if (question === undefined)
      throw new OperatorError(say(`缺少 ${flag}（${text}）`, `${flag} is missing (${text})`));
    return await question(text, standard);
  };
  const pair = (flag: string, text: string): readonly [string, string] => {
    const [code, ...rest] = text.split(/[:：]/);
    const title = rest.join(":").trim();
    if (code === undefined || code.trim() === "" || title === "") {
      throw new OperatorError(
        say(`${flag} 的格式为 代码:名称，而不是 ${text}`, `${flag} reads code:title, not ${text}`),
      );
    }
    return [code.trim(), title];
  };
  const city = await answer(
    options.city,
    "--city",
    say("城市代码与名称，如 990100:临澜市", "city, code:title, such as 990100:Linlan"),
    "",
  );
  const county = await answer(
    options.county,
    "--county",
    say("区县代码与名称，如 990102:启云区", "county, code:title, such as 990102:Qiyun"),
    "",
  );
  const campuses =
    options.campus.length > 0
      ? options.campus
      : (
          await answer(
            undefined,
            "--campus",
            say(
              "校区编号与名称，多个以逗号分隔，如 qiyun-no1:启云一中",
              "campuses, id:title, with commas between",
            ),
            "",
          )
        )
          .split(/[,，]/)
          .filter((text) => text.trim() !== "");
  const own = machineNames();
  const names =
    options.name.length > 0
      ? options.name
      : question === undefined
        ? own
        : (
            await question(
              say(
                "本机名称或地址，盒子以第一个为准",
                "names and addresses of this machine; boxes use the first",
              ),
              own.join(","),
            )
          )
            .split(/[,，\s]+/)
            .filter((text) => text !== "");
  return {
    city: pair("--city", city),
    county: pair("--county", county),
    campuses: campuses.map((text) => pair("--campus", text)),
    names: withLoopback(names),
    administrator: await answer(
      options.administrator,
      "--administrator",
      say("管理员账号名", "name of the administrator's account"),
      "admin",
    ),
  };
}

/** The hub speaks to itself over loopback. */
export const withLoopback = (names: readonly string[]): readonly string[] => [
  ...new Set([...names, "localhost", "127.0.0.1"]),
];

/** Addresses before the name: a box on a campus network rarely has the hub's name server. */
export function machineNames(): readonly string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((each = []) => each)
    .filter(({ address, internal }) => !internal && !address.startsWith("fe80"))
    .map(({ address }) => address);
  return [...addresses, hostname()];
}
