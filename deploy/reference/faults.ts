/** `docs/reference/faults.md`: what real devices do wrong, which simulators can play it, and where drivers are put to it. */
import { PROFILES } from "@campus-ops/device-profiles/profiles";
import { SIMULATED_FAULTS, type SimulatedFault, startSimulator } from "@campus-ops/device-profiles/simulator";
import { LEFT_OUT } from "@campus-ops/edge-agent/fault-coverage";
import { table } from "./markdown.ts";

/** The twelve kinds, and how simulators play each. */
export const KINDS: readonly (readonly [zh: string, en: string, played: readonly SimulatedFault[]])[] = [
  ["时钟错误", "clock skew: 1970, eight hours, no offset", ["clock-1970", "clock-ahead", "local-time"]],
  ["重复与重放", "duplicates and replay after a reconnect", ["replay"]],
  ["计数器清零", "serial numbers and counters that start again", ["counter-reset"]],
  ["数值不变、哨兵值", "stuck values and sentinels", ["stuck", "sentinel"]],
  ["断开与半开连接", "gone, hanging or half-open", ["down", "hang", "half-open"]],
  ["订阅失效", "subscription expired, exhausted or moved", ["subscription-lost"]],
  ["认证异常与锁定", "stale nonces and lock-out", ["stale-nonce", "lockout"]],
  ["文字编码错误", "GB18030 called UTF-8", ["mislabelled-text"]],
  ["字节序、字序", "byte and word order", ["word-swapped"]],
  ["反复重启与风暴", "reboot loops and storms", ["reboot-loop", "storm"]],
  [
    "帧粘连、噪声、迟到",
    "framing: noise, split and glued frames, late replies",
    ["garbage", "fragmented", "late-replies"],
  ],
  ["应答而未执行", "acknowledged but not done", ["not-done"]],
];

export async function faultsPage(): Promise<string> {
  const played = await playedByProtocol();
  for (const { faults, protocols: without } of LEFT_OUT) {
    for (const protocol of without) {
      const both = faults.find((fault) => played.get(protocol)?.has(fault));
      if (both !== undefined) throw new Error(`${protocol} plays ${both}, and it is said why it does not`);
    }
  }
  const protocols = [...played.keys()].sort();
  const cell = (protocol: string, faults: readonly SimulatedFault[]): string => {
    const own = faults.filter((fault) => played.get(protocol)?.has(fault));
    return own.length === 0 ? "–" : own.length === faults.length ? "●" : own.join(", ");
  };
  return [
    "# Faults of devices, by protocol",
    "设备常见的十二类故障，以及每种协议的模拟器能演练哪些。● 全部可演练；– 该协议没有这种故障。",
    "Each fault that a simulator plays is put to its driver: by `edge-agent/drivers/fault-round-trip.test.ts` for every protocol, and what the protocol makes of it beside the driver (`drivers/<protocol>*.test.ts`; streams, and Modbus devices whose words are swapped, there alone). ● all that the kind holds; a name where it is that one; – nothing of the kind in this protocol, for the reason given below. `campus-ops simulate` and the simulators' control interface take the names of the last column.",
    table(
      ["故障", "fault", ...protocols, "played as"],
      KINDS.map(([zh, en, faults]) => [
        zh,
        en,
        ...protocols.map((protocol) => cell(protocol, faults)),
        faults.map((fault) => `\`${fault}\``).join(", "),
      ]),
    ),
    "## What is not played, and why",
    "某协议的设备没有的故障，以及类似情形在哪项测试中检验。`edge-agent/drivers/fault-coverage.test.ts` holds that every driver is put to every fault or stands here, and that the tests named are there.",
    table(
      ["fault", "protocols", "原因", "why", "what is left of it is tested in `edge-agent/drivers/`"],
      LEFT_OUT.map(({ faults, protocols: without, test, why }) => [
        faults.map((fault) => `\`${fault}\``).join(", "),
        [...without].sort().join(", "),
        why.zh,
        why.en,
        test === undefined ? "–" : `\`${test.file}\`: ${test.title}`,
      ]),
    ),
    "## What each does",
    table(
      ["fault", "the device …"],
      Object.entries(SIMULATED_FAULTS).map(([fault, does]) => [`\`${fault}\``, does]),
    ),
  ].join("\n\n");
}

/** Asked of the simulators themselves: each profile's is started on a port of loopback, and stopped. */
async function playedByProtocol(): Promise<ReadonlyMap<string, ReadonlySet<SimulatedFault>>> {
  const played = new Map<string, Set<SimulatedFault>>();
  for (const profile of PROFILES) {
    const device = await startSimulator(profile, { username: "reference", secret: "reference" });
    const known = played.get(profile.protocol) ?? new Set();
    played.set(profile.protocol, new Set([...known, ...device.faults]));
    await device.close();
  }
  return played;
}
