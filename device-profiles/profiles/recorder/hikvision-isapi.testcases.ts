import { GOOD } from "../../vocabulary/index.ts";
import type { IsapiTestcase } from "../testcase.ts";

const AT = Date.UTC(2026, 8, 1, 0, 0, 10);

const alert = (eventType: string, channel: string): string =>
  `<EventNotificationAlert version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"><portNo>80</portNo>` +
  `${channel}<dateTime>2026-09-01T08:00:10+08:00</dateTime><eventType>${eventType}</eventType>` +
  `<eventState>active</eventState></EventNotificationAlert>`;

const disk = (id: number, status: string, free: number): string =>
  `<hdd><id>${id}</id><hddName>hdd${id}</hddName><hddPath></hddPath><hddType>SATA</hddType><status>${status}</status>` +
  `<capacity>3815447</capacity><freeSpace>${free}</freeSpace><property>RW</property></hdd>`;

const storage = (...disks: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?><storage version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">` +
  `<hddList size="${disks.length}">${disks.join("")}</hddList><nasList></nasList><workMode>quota</workMode></storage>`;

export const testcases: readonly IsapiTestcase[] = [
  {
    title: "what a picture tells belongs to its channel, under either name of the element",
    receivedAt: AT,
    documents: [
      { kind: "alert", text: alert("VMD", "<channelID>2</channelID>") },
      { kind: "alert", text: alert("videoloss", "<dynChannelID>16</dynChannelID>") },
      { kind: "alert", text: alert("shelteralarm", "<channelID>1</channelID>") },
    ],
    samples: [
      ["Channel/2/Motion", true, GOOD, AT],
      ["Channel/16/Loss", true, GOOD, AT],
      ["Channel/1/Tamper", true, GOOD, AT],
    ],
  },
  {
    title: "a channel that no recorder has is not believed",
    receivedAt: AT,
    documents: [
      { kind: "alert", text: alert("VMD", "<channelID>0</channelID>") },
      { kind: "alert", text: alert("VMD", "<channelID>65535</channelID>") },
    ],
  },
  {
    title: "two disks that work, one of them asleep; one that does not; none at all; none with room",
    receivedAt: AT,
    documents: [
      { kind: "storage", text: storage(disk(1, "ok", 1024), disk(2, "sleeping", 0)) },
      { kind: "storage", text: storage(disk(1, "ok", 1024), disk(2, "error", 0)) },
      { kind: "storage", text: storage() },
      { kind: "storage", text: storage(disk(1, "ok", 0)) },
    ],
    samples: [
      ["Recording/DiskFault", false, GOOD, AT],
      ["Recording/DiskFull", false, GOOD, AT],
      ["Recording/DiskFault", true, GOOD, AT],
      ["Recording/DiskFull", false, GOOD, AT],
      ["Recording/DiskFault", true, GOOD, AT],
      ["Recording/DiskFull", false, GOOD, AT],
      ["Recording/DiskFault", false, GOOD, AT],
      ["Recording/DiskFull", true, GOOD, AT],
    ],
  },
];
