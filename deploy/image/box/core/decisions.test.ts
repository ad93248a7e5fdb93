import { describe, expect, test } from "vitest";
import { MESSAGES, type Memory, type State } from "./contract.ts";
import { AGENT_RESTARTS_MAX, PROOF_MS_MAX, STABLE_MS, verdict } from "./proof.ts";
import { mayLieAt, readRequest } from "./request.ts";
import { afterStart, isBusy } from "./start.ts";

const AT = "2026-11-22T03:25:00.000Z";
const OLD = { slot: "A", version: "0.1.0" } as const;
const NEW = { slot: "B", version: "0.2.0" } as const;

describe("a system that runs for the first time", () => {
  const good = {
    uptime_ms: 90_000,
    agent_ms: STABLE_MS,
    agentRestarts: 0,
    isDiskWritable: true,
    hasBroker: true,
  };

  test.each([
    ["everything is there", good, true, "good"],
    ["the broker is away, as it was before", { ...good, hasBroker: false }, false, "good"],
    ["the agent does not answer, and had no broker before", { ...good, hasBroker: undefined }, false, "good"],
    ["the broker is not there yet", { ...good, hasBroker: false }, true, "wait"],
    ["the agent has not run long enough", { ...good, agent_ms: STABLE_MS - 1 }, true, "wait"],
    ["there is no agent", { ...good, agent_ms: undefined }, true, "wait"],
    [
      "there is no agent for too long",
      { ...good, agent_ms: undefined, uptime_ms: PROOF_MS_MAX },
      true,
      "agent-unstable",
    ],
    [
      "the agent starts again and again",
      { ...good, agent_ms: 2_000, uptime_ms: PROOF_MS_MAX },
      true,
      "agent-unstable",
    ],
    [
      "the broker never came",
      { ...good, hasBroker: false, uptime_ms: PROOF_MS_MAX },
      true,
      "broker-unreachable",
    ],
    [
      "the disk takes no writes",
      { ...good, isDiskWritable: false, uptime_ms: PROOF_MS_MAX },
      true,
      "disk-not-writable",
    ],
    [
      "the agent has been started again too often",
      { ...good, agent_ms: 2_000, agentRestarts: AGENT_RESTARTS_MAX },
      true,
      "agent-unstable",
    ],
    ["the agent has come to rest after that", { ...good, agentRestarts: AGENT_RESTARTS_MAX }, true, "good"],
    ["it is good at the last moment", { ...good, uptime_ms: PROOF_MS_MAX }, true, "good"],
  ] as const)("%s", (_, findings, hadBroker, expected) => {
    expect(verdict(findings, hadBroker)).toBe(expected);
  });
});

describe("a start of the box", () => {
  const after = (state: State, running: typeof OLD | typeof NEW, more: Partial<Memory> = {}) =>
    afterStart({ update: { state, running: OLD, target: "0.2.0", at: AT }, into: "B", ...more }, running, AT)
      .update;

  test.each([
    ["checking", OLD, "failed", "interrupted"],
    ["installing", OLD, "failed", "interrupted"],
    ["restarting", NEW, "proving", undefined],
    ["restarting", OLD, "rolled-back", "did-not-boot"],
    ["waiting", NEW, "proving", undefined],
    ["proving", NEW, "proving", undefined],
    ["proving", OLD, "rolled-back", "did-not-boot"],
    ["done", NEW, "done", undefined],
    ["refused", OLD, "refused", undefined],
    ["rolled-back", OLD, "rolled-back", undefined],
    ["idle", OLD, "idle", undefined],
  ] as const)("after %s into %o is %s", (state, running, expected, code) => {
    const update = after(state, running);
    expect(update).toMatchObject({ state: expected, running, target: "0.2.0" });
    expect(update.code).toBe(code);
    if (code !== undefined) expect(update.message).toEqual(MESSAGES[code]);
  });

  test("the old system tells why the new one gave itself up", () => {
    expect(after("proving", OLD, { gaveUp: "broker-unreachable" })).toMatchObject({
      state: "rolled-back",
      code: "broker-unreachable",
    });
  });

  test("a box that was never updated is idle", () => {
    expect(afterStart(undefined, OLD, AT)).toEqual({ update: { state: "idle", running: OLD, at: AT } });
  });

  test("nothing begins while something is under way", () => {
    const busy = ["checking", "installing", "restarting", "proving"];
    for (const state of ["idle", "waiting", "done", "refused", "failed", "rolled-back", ...busy] as State[])
      expect(isBusy({ state, running: OLD, at: AT }), state).toBe(busy.includes(state));
  });
});

describe("a request", () => {
  test.each([
    ['{"install":"/var/lib/campus-ops-edge/update/0.2.0.raucb"}', true],
    ['{"install":"/media/EDGECFG/a.raucb","restart":false}', true],
    ['{"restart":true}', true],
    ['{"restart":false}', false],
    ["{}", false],
    ["[]", false],
    ["null", false],
    ["not json", false],
    ['{"install":7}', false],
    ['{"install":"/media/a.raucb","restart":"yes"}', false],
  ])("%s is one: %s", (line, isOne) => {
    expect(readRequest(line) !== undefined).toBe(isOne);
  });

  test.each([
    "/etc/shadow",
    "/var/lib/campus-ops-edge/../../../etc/shadow",
    "/var/lib/campus-ops-edge",
    "/var/lib/campus-ops-edge-other/a.raucb",
    "/media//a.raucb",
    "/media/./a.raucb",
    "media/a.raucb",
    "/media/a.raucb\0",
  ])("leads nowhere else: %j", (path) => {
    expect(mayLieAt(path)).toBe(false);
  });

  test("restarts unless told otherwise", () => {
    expect(readRequest('{"install":"/media/a.raucb"}')?.restart).toBe(true);
    expect(readRequest('{"install":"/media/a.raucb","restart":false}')?.restart).toBe(false);
  });
});
