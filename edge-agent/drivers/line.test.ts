import { describe, expect, test } from "vitest";
import { Lines, leaseUnbroken } from "./line.ts";

interface Port {
  readonly number: number;
  open: boolean;
}

function ports() {
  let opened = 0;
  const log: string[] = [];
  const lines = new Lines<Port>(async (port) => {
    port.open = false;
    log.push(`closed ${port.number}`);
  });
  const open = async (): Promise<Port> => {
    opened += 1;
    log.push(`opened ${opened}`);
    return { number: opened, open: true };
  };
  return { lines, open, log };
}

describe("a line that several devices share", () => {
  test("is opened by the first and closed by the last", async () => {
    const { lines, open, log } = ports();
    const [first, second] = await Promise.all([lines.lease("bus", open), lines.lease("bus", open)]);
    expect(first.line).toBe(second.line);
    await first.release();
    expect(second.line.open).toBe(true);
    await second.release();
    expect(log).toEqual(["opened 1", "closed 1"]);
  });

  test("is let go once by each, however often that is said", async () => {
    const { lines, open } = ports();
    const [first, second] = await Promise.all([lines.lease("bus", open), lines.lease("bus", open)]);
    await first.release();
    await first.release();
    expect(second.line.open).toBe(true);
  });

  test("fails for everybody who waited, and is tried again by the next", async () => {
    const { lines, open } = ports();
    const refused = async (): Promise<Port> => {
      throw new Error("no such port");
    };
    const waiting = [lines.lease("bus", refused), lines.lease("bus", refused)];
    for (const lease of waiting) await expect(lease).rejects.toThrow("no such port");
    expect((await lines.lease("bus", open)).line.open).toBe(true);
  });

  test("is opened anew when it broke, while those who hold the old one may still let go of it", async () => {
    const { lines, open, log } = ports();
    const old = await lines.lease("bus", open);
    lines.retire("bus", old.line);
    const fresh = await lines.lease("bus", open);
    await old.release();
    expect(fresh.line.open).toBe(true);
    expect(log).toEqual(["opened 1", "opened 2", "closed 1"]);
  });

  test("is opened again only after it has been closed", async () => {
    const log: string[] = [];
    const { promise: closed, resolve: finishClosing } = Promise.withResolvers<void>();
    const lines = new Lines<Port>(async () => {
      await closed;
      log.push("closed");
    });
    const open = async (): Promise<Port> => {
      log.push("opened");
      return { number: 1, open: true };
    };
    const first = await lines.lease("bus", open);
    const releasing = first.release();
    const second = lines.lease("bus", open);
    finishClosing();
    await releasing;
    await second;
    expect(log).toEqual(["opened", "closed", "opened"]);
  });

  test("is not handed out when it broke a moment ago, and nobody had heard of it", async () => {
    let opened = 0;
    const lines = new Lines<{ ended: Error | undefined }>(async () => undefined);
    const open = async () => {
      opened += 1;
      return { ended: undefined };
    };
    const old = await leaseUnbroken(lines, "bus", open);
    setImmediate(() => {
      old.line.ended = new Error("gone");
    });
    const fresh = await leaseUnbroken(lines, "bus", open);
    expect(fresh.line).not.toBe(old.line);
    expect(opened).toBe(2);
    await expect(leaseUnbroken(lines, "bus", open)).resolves.toMatchObject({ line: fresh.line });
  });
});
