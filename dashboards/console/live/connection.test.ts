import { describe, expect, test } from "vitest";
import { judgeConnection, SILENCE_MS_MAX } from "./connection.ts";

const status = { at: 0, ingest: true, rules: true };

describe("the connection", () => {
  test("is connecting until the first status arrives", () => {
    expect(judgeConnection({ began: 1000 }, 2000)).toEqual({ state: "connecting" });
  });

  test("is live while the stream speaks and both parts are there", () => {
    expect(judgeConnection({ began: 0, last: 5000, status }, 5000 + SILENCE_MS_MAX)).toEqual({
      state: "live",
    });
  });

  test("is lost one millisecond after the silence allowed, and says since when", () => {
    expect(judgeConnection({ began: 0, last: 5000, status }, 5001 + SILENCE_MS_MAX)).toEqual({
      state: "lost",
      since: 5000,
      silence_ms: SILENCE_MS_MAX + 1,
    });
  });

  test("is lost, without a time to name, when nothing ever came", () => {
    const connection = judgeConnection({ began: 0 }, SILENCE_MS_MAX + 1);
    expect(connection).toEqual({ state: "lost", silence_ms: SILENCE_MS_MAX + 1 });
  });

  test("is impaired, and names the part, when the stream says that one is away", () => {
    const heard = { began: 0, last: 10, status: { ...status, rules: false } };
    expect(judgeConnection(heard, 20)).toEqual({ state: "impaired", ingest: true, rules: false });
  });

  test("being lost outranks being impaired: the last status is no longer known to hold", () => {
    const heard = { began: 0, last: 10, status: { ...status, ingest: false } };
    expect(judgeConnection(heard, 20_000).state).toBe("lost");
  });
});
