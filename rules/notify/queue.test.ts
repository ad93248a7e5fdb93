import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SmallDisk } from "@campus-ops/broker/journal/testing/small-disk";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Priority } from "../api.ts";
import { DIGEST_MAX, GIVE_UP_MS } from "../core/people/delivery.ts";
import { StoreFullError } from "../store/database.ts";
import { type NewDelivery, NoticeQueue, WAITING_ROWS_MAX } from "./queue.ts";

const text = { zh: "文", en: "text" };
const delivery = (id: number, priority: Priority, createdAt = id): NewDelivery => ({
  key: `k${id}`,
  channel: "hook",
  recipient: "",
  desk: "gate",
  createdAt,
  notice: {
    kind: "raised",
    alarm: `a${id}`,
    occurrence: 1,
    rule: "r",
    priority,
    state: "unacknowledged",
    title: text,
    device: { key: "d", title: text, path: "990100", campus: "one" },
    place: text,
    raisedAt: createdAt,
    late: false,
    symptoms: 0,
    action: text,
  },
});

describe("the queue of messages", () => {
  let folder: string;
  let queue: NoticeQueue;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rules-queue-"));
    queue = new NoticeQueue(join(folder, "notify.sqlite"), 0);
  });
  afterEach(() => {
    queue.close();
    rmSync(folder, { recursive: true });
  });
  const add = (deliveries: readonly NewDelivery[]) =>
    queue.record({ alarm: "a", watch: undefined, lookAt: undefined, deliveries });

  test("gives what is due, the urgent first, no more than one message holds, and says when the next is", () => {
    add([
      delivery(1, 4),
      delivery(2, 1),
      delivery(3, 1),
      ...Array.from({ length: 80 }, (_, at) => delivery(10 + at, 3)),
    ]);
    const due = queue.due("hook", "", 1_000);
    expect(due).toHaveLength(DIGEST_MAX);
    expect(due.slice(0, 3).map(({ id }) => id)).toEqual([2, 3, 4]);
    expect(queue.due("hook", "", 0)).toEqual([]);
    expect(queue.nextAt("hook", "")).toBe(1);
    expect(queue.nextAt("other", "")).toBeUndefined();
  });

  test("keeps so many waiting and no more: the least urgent and newest give way, and are counted", () => {
    add([
      ...Array.from({ length: WAITING_ROWS_MAX }, (_, at) => delivery(at, 3)),
      delivery(9_000, 4),
      delivery(9_001, 1),
    ]);
    expect(queue.trim("hook", "", 1)).toBe(2);
    expect(queue.waitingCount("hook", "")).toBe(WAITING_ROWS_MAX);
    expect(queue.due("hook", "", 10_000)[0]?.key).toBe("k9001");
    expect(queue.trim("hook", "", 1)).toBe(0);
  });

  test("gives up what is a day old, and nothing younger", () => {
    add([delivery(1, 1, 0), delivery(2, 1, 5_000)]);
    expect(queue.giveUp("hook", "", 0, GIVE_UP_MS)).toBe(1);
    expect(queue.deliveries({ limit: 10 }).map(({ alarm, state }) => [alarm, state])).toEqual([
      ["a2", "waiting"],
      ["a1", "given-up"],
    ]);
  });
});

test("on a full disk nothing is half written, it is said, and there is room for it afterwards", () => {
  const disk = new SmallDisk(8 * 1024 * 1024);
  onTestFinished(() => disk.remove());
  const queue = new NoticeQueue(join(disk.folder, "notify.sqlite"), 0);
  onTestFinished(() => queue.close());
  const makeRoom = disk.fill(64 * 1024, () => {
    const { bavail, bsize } = statfsSync(disk.folder);
    return bavail * bsize;
  });
  const many = Array.from({ length: 2_000 }, (_, at) => delivery(at, 2));
  const record = () =>
    queue.together(() => {
      queue.record({ alarm: "a", watch: undefined, lookAt: undefined, deliveries: many });
      queue.passed(7);
    });
  expect(record).toThrow(StoreFullError);
  expect([queue.cursor, queue.waitingCount("hook", "")]).toEqual([0, 0]);
  makeRoom();
  record();
  expect([queue.cursor, queue.waitingCount("hook", "")]).toEqual([7, 2_000]);
});
