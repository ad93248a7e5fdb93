/** `状态-STATUS.txt` beside the seed: what an installer reads on a laptop when the box has no screen. */
import { writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { outcomeOf } from "./outcomes.ts";

export const STATUS_FILE = "状态-STATUS.txt";

export interface Status {
  /** A key of {@link outcomeOf}. */
  readonly code: string;
  /** What exactly was wrong, in both languages where there are two. */
  readonly details: readonly string[];
  /** The box's time, milliseconds since the epoch. */
  readonly now: number;
  readonly hub: string | undefined;
}

/** False when the medium does not take it: the box goes on without. */
export function writeStatus(folder: string, status: Status): boolean {
  try {
    // A mark and the line ends of Windows: Notepad shows both right.
    writeFileSync(join(folder, STATUS_FILE), `\ufeff${statusLines(status, addresses()).join("\r\n")}\r\n`);
    return true;
  } catch {
    return false;
  }
}

export function statusLines({ code, details, hub, now }: Status, own: readonly string[]): readonly string[] {
  const { means, next } = outcomeOf(code);
  const beijing = `${new Date(now + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ")} +08:00`;
  return [
    `结果 Result: ${means.zh} / ${means.en}`,
    `代码 Code: ${code}`,
    `下一步 Next: ${next.zh} / ${next.en}`,
    ...details.map((detail) => `详情 Detail: ${detail}`),
    `本机地址 Address: ${own.length === 0 ? "无（检查网线） none (check the cable)" : own.join(", ")}`,
    `本机时钟 Clock: ${beijing}`,
    `中心 Hub: ${hub ?? "-"}`,
  ];
}

function addresses(): readonly string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, each = []]) =>
    each
      .filter(({ address, internal }) => !internal && !address.startsWith("fe80"))
      .map(({ address }) => `${address} (${name})`),
  );
}
