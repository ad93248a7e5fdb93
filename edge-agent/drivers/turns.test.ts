import { describe, expect, test } from "vitest";
import { TURNS_WAITING_MAX, Turns } from "./turns.ts";

const never = new AbortController().signal;

describe("turns on a line", () => {
  test("come one at a time, and in rotation among the users, however many one asks for", async () => {
    const turns = new Turns();
    const log: string[] = [];
    const first = await turns.take("a", never);
    const conversations = ["a", "a", "a", "b", "c", "b"].map(async (user) => {
      const give = await turns.take(user, never);
      log.push(user);
      await Promise.resolve();
      log.push(`/${user}`);
      give();
    });
    first();
    await Promise.all(conversations);
    expect(log.join(" ")).toBe("a /a b /b c /c a /a b /b a /a");
  });

  test("nobody comes in between a turn that is given back and the one who waited for it", async () => {
    const turns = new Turns();
    const log: string[] = [];
    const give = await turns.take("a", never);
    const waiting = turns.take("b", never).then((back) => {
      log.push("b");
      back();
    });
    give();
    const hasty = turns.take("c", never).then((back) => {
      log.push("c");
      back();
    });
    await Promise.all([waiting, hasty]);
    expect(log).toEqual(["b", "c"]);
  });

  test("are given back once, however often that is said", async () => {
    const turns = new Turns();
    const give = await turns.take("a", never);
    const b = turns.take("b", never);
    const c = turns.take("c", never);
    give();
    give();
    let served = "";
    void c.then(() => {
      served += "c";
    });
    const back = await b;
    expect(served).toBe("");
    back();
    await c;
    expect(served).toBe("c");
  });

  test("may be given up while one waits, and the rotation goes on", async () => {
    const turns = new Turns();
    const give = await turns.take("a", never);
    const impatient = new AbortController();
    const b = turns.take("b", impatient.signal);
    const c = turns.take("c", never);
    impatient.abort();
    await expect(b).rejects.toMatchObject({ kind: "timeout", retry: true });
    give();
    (await c)();
    await expect(turns.take("b", impatient.signal)).rejects.toMatchObject({ kind: "timeout" });
    (await turns.take("b", never))();
  });

  test("are refused to a user who waits for too many already, and to nobody else", async () => {
    const turns = new Turns();
    await turns.take("a", never);
    for (let turn = 0; turn < TURNS_WAITING_MAX; turn += 1) void turns.take("b", never);
    await expect(turns.take("b", never)).rejects.toMatchObject({ kind: "timeout", retry: true });
    const impatient = new AbortController();
    const c = turns.take("c", impatient.signal);
    impatient.abort();
    await expect(c).rejects.toThrow("gave up waiting");
  });
});
