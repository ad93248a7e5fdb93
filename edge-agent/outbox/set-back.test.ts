import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { lossRecord } from "../reports.ts";
import { counterRecord, RECORD_TIME } from "../testing/records.ts";
import { temporaryFolder } from "../testing/test-agent.ts";
import { Outbox } from "./outbox.ts";

const HOUR_MS = 3_600_000;
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

test("a clock that was set back while records waited is remembered, over a restart too, until those have gone and all was told anew", async () => {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  let now = RECORD_TIME + HOUR_MS;
  const open = (): Outbox => {
    const outbox = new Outbox({
      file: join(folder.path, "outbox.sqlite"),
      bytesMax: 1 << 30,
      daysMax: 90,
      now: () => now,
      lossRecord,
      onTrouble: (message, error) => {
        throw new Error(message, { cause: error });
      },
    });
    closing.push(() => outbox.close());
    return outbox;
  };
  const first = open();
  const [before] = await first.append([counterRecord("a", 1)]);
  now = RECORD_TIME;
  const [after] = await first.append([counterRecord("a", 2)]);
  if (before === undefined || after === undefined) throw new Error("nothing was recorded");
  expect(first.mustRetell).toBe(false);
  first.close();

  const second = open();
  expect(second.mustRetell).toBe(false);
  second.acknowledge([before.range]);
  await expect.poll(() => second.mustRetell).toBe(true);
  second.retold();
  expect(second.mustRetell).toBe(false);
  second.close();
  expect(open().mustRetell).toBe(false);
});
