import { describe, expect, test } from "vitest";
import { type Access, authenticate, digest, mayPublish, maySubscribe } from "./access.ts";

const edge: Access = { role: "edge", campus: "qiyun-no1", node: "edge-a" };
const host: Access = { role: "host", hostId: "hub" };
const anyHost: Access = { role: "host" };
const monitor: Access = { role: "monitor" };

describe("publishing", () => {
  test.each<[Access, string, boolean, boolean]>([
    [edge, "spBv1.0/qiyun-no1/NBIRTH/edge-a", false, true],
    [edge, "spBv1.0/qiyun-no1/NDATA/edge-a", false, true],
    [edge, "spBv1.0/qiyun-no1/NDEATH/edge-a", false, true],
    [edge, "spBv1.0/qiyun-no1/DBIRTH/edge-a/gate-1", false, true],
    [edge, "spBv1.0/qiyun-no1/DDATA/edge-a/gate-1", false, true],
    [edge, "spBv1.0/qiyun-no1/DDEATH/edge-a/gate-1", false, true],
    [edge, "spBv1.0/qiyun-no1/NDATA/edge-a", true, false],
    [edge, "spBv1.0/qiyun-no1/NDATA/edge-b", false, false],
    [edge, "spBv1.0/qiyun-no2/NDATA/edge-a", false, false],
    [edge, "spBv1.0/qiyun-no1/NCMD/edge-a", false, false],
    [edge, "spBv1.0/qiyun-no1/DCMD/edge-a/gate-1", false, false],
    [edge, "spBv1.0/qiyun-no1/NDATA/edge-a/gate-1", false, false],
    [edge, "spBv1.0/qiyun-no1/DDATA/edge-a", false, false],
    [edge, "spBv1.0/qiyun-no1/DDATA/edge-a/", false, false],
    [edge, "spBv1.0/STATE/hub", false, false],
    [edge, "$sparkplug/certificates/spBv1.0/qiyun-no1/NBIRTH/edge-a", false, false],
    [edge, "$SYS/broker", false, false],
    [edge, "anything", false, false],
    [host, "spBv1.0/STATE/hub", true, true],
    [host, "spBv1.0/STATE/other", true, false],
    [anyHost, "spBv1.0/STATE/other", true, true],
    [host, "spBv1.0/qiyun-no1/NCMD/edge-a", false, true],
    [host, "spBv1.0/qiyun-no1/DCMD/edge-a/gate-1", false, true],
    [host, "spBv1.0/qiyun-no1/NCMD/edge-a", true, false],
    [host, "spBv1.0/qiyun-no1/NDATA/edge-a", false, false],
    [host, "$sparkplug/x", false, false],
    [monitor, "spBv1.0/qiyun-no1/NCMD/edge-a", false, false],
    [monitor, "spBv1.0/STATE/hub", true, false],
  ])("%o on %s, retained %s: %s", (access, topic, retain, allowed) => {
    expect(mayPublish(access, topic, retain)).toBe(allowed);
  });
});

describe("subscribing", () => {
  test.each<[Access, string, boolean]>([
    [edge, "spBv1.0/qiyun-no1/NCMD/edge-a", true],
    [edge, "spBv1.0/qiyun-no1/DCMD/edge-a/+", true],
    [edge, "spBv1.0/qiyun-no1/DCMD/edge-a/gate-1", true],
    [edge, "spBv1.0/STATE/+", true],
    [edge, "spBv1.0/STATE/hub", true],
    [edge, "spBv1.0/STATE/#", false],
    [edge, "spBv1.0/qiyun-no1/DCMD/edge-a/#", false],
    [edge, "spBv1.0/+/NCMD/edge-a", false],
    [edge, "spBv1.0/qiyun-no1/NCMD/+", false],
    [edge, "spBv1.0/qiyun-no1/NDATA/edge-a", false],
    [edge, "spBv1.0/qiyun-no1/+/edge-a", false],
    [edge, "spBv1.0/#", false],
    [edge, "#", false],
    [host, "spBv1.0/#", true],
    [host, "spBv1.0/STATE/hub", true],
    [host, "#", false],
    [host, "$share/group/spBv1.0/#", false],
    [monitor, "#", true],
    [monitor, "$SYS/#", true],
    [monitor, "$share/group/#", false],
  ])("%o to %s: %s", (access, filter, allowed) => {
    expect(maySubscribe(access, filter)).toBe(allowed);
  });
});

describe("logging in", () => {
  const users = new Map([["box", { access: edge, passwordDigest: digest("right") }]]);
  test.each<[string | undefined, string | undefined, Access | undefined]>([
    ["box", "right", edge],
    ["box", "wrong", undefined],
    ["box", undefined, undefined],
    ["stranger", "right", undefined],
    ["stranger", "", undefined],
    [undefined, "", undefined],
    [undefined, undefined, undefined],
  ])("%s with %s", (name, password, access) => {
    expect(authenticate(users, name, password === undefined ? undefined : Buffer.from(password))).toEqual(
      access,
    );
  });
});
