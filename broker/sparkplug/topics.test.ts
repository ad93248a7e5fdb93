import { CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandTopics, formatTopic, parseTopic, type Topic } from "./topics.ts";

const campus = CampusId("qiyun-no1");
const node = NodeId("edge-a");
const device = DeviceId("gate-1");

describe("topics", () => {
  test.each<[string, Topic]>([
    ["spBv1.0/qiyun-no1/NBIRTH/edge-a", { type: "NBIRTH", address: { campus, node } }],
    ["spBv1.0/qiyun-no1/NDEATH/edge-a", { type: "NDEATH", address: { campus, node } }],
    ["spBv1.0/qiyun-no1/NDATA/edge-a", { type: "NDATA", address: { campus, node } }],
    ["spBv1.0/qiyun-no1/NCMD/edge-a", { type: "NCMD", address: { campus, node } }],
    ["spBv1.0/qiyun-no1/DBIRTH/edge-a/gate-1", { type: "DBIRTH", address: { campus, node, device } }],
    ["spBv1.0/qiyun-no1/DDEATH/edge-a/gate-1", { type: "DDEATH", address: { campus, node, device } }],
    ["spBv1.0/qiyun-no1/DDATA/edge-a/gate-1", { type: "DDATA", address: { campus, node, device } }],
    ["spBv1.0/qiyun-no1/DCMD/edge-a/gate-1", { type: "DCMD", address: { campus, node, device } }],
    ["spBv1.0/STATE/hub", { type: "STATE", host: "hub" }],
  ])("%s reads and writes [tck-id-topic-structure] [tck-id-topic-structure-namespace-a]", (text, topic) => {
    expect(parseTopic(text)).toEqual(topic);
    expect(formatTopic(topic)).toBe(text);
  });

  test.each([
    ["another namespace", "spAv1.0/g/NBIRTH/n"],
    [
      "a device in a node's message [tck-id-topic-structure-namespace-device-id-non-associated-message-types]",
      "spBv1.0/g/NBIRTH/n/d",
    ],
    [
      "no device in a device's message [tck-id-topic-structure-namespace-device-id-associated-message-types]",
      "spBv1.0/g/DDATA/n",
    ],
    ["a type that does not exist", "spBv1.0/g/XDATA/n"],
    ["an empty id", "spBv1.0//NDATA/n"],
    ["a level too many", "spBv1.0/g/DDATA/n/d/e"],
    ["the STATE topic of 2.2", "STATE/hub"],
    ["nothing", ""],
  ])("%s is not a topic of ours", (_, text) => {
    expect(parseTopic(text)).toBeUndefined();
  });

  test("a third party's ids are told apart, not refused with an exception", () => {
    expect(parseTopic("spBv1.0/Plant 1/DDATA/Edge:7/锅炉")).toEqual({
      type: "foreign",
      messageType: "DDATA",
      group: "Plant 1",
      node: "Edge:7",
      device: "锅炉",
    });
  });

  test("no text throws", () => {
    const level = fc.oneof(fc.constantFrom("spBv1.0", "STATE", "NBIRTH", "DDATA", "g", ""), fc.string());
    fc.assert(fc.property(fc.array(level), (levels) => void parseTopic(levels.join("/"))));
  });

  test("an edge node subscribes to its commands and its devices' [tck-id-message-flow-edge-node-ncmd-subscribe] [tck-id-message-flow-device-dcmd-subscribe]", () => {
    expect(commandTopics(campus, node)).toEqual([
      "spBv1.0/qiyun-no1/NCMD/edge-a",
      "spBv1.0/qiyun-no1/DCMD/edge-a/+",
    ]);
  });
});
