import type { DahuaTestcase } from "../testcase.ts";

const AT = Date.UTC(2026, 8, 1);

const disk = (isError: boolean, used: string): string =>
  `list.info[0].Detail[0].IsError=${isError}\r\nlist.info[0].Detail[0].Path=/mnt/dvr/sda0\r\n` +
  `list.info[0].Detail[0].TotalBytes=3998576721920\r\nlist.info[0].Detail[0].Type=ReadWrite\r\n` +
  `list.info[0].Detail[0].UsedBytes=${used}\r\nlist.info[0].Name=/dev/sda\r\nlist.info[0].State=Success\r\n`;

export const testcases: readonly DahuaTestcase[] = [
  {
    title: "indexes count from 0, channels from 1",
    receivedAt: AT,
    texts: [
      { kind: "event", text: "Code=VideoLoss;action=Start;index=0" },
      { kind: "event", text: "Code=VideoMotion;action=Start;index=15" },
      { kind: "event", text: "Code=VideoBlind;action=Stop;index=2" },
      { kind: "event", text: "Code=VideoBlind;action=Start;index=-1" },
      { kind: "event", text: "Code=VideoBlind;action=Start;index=99999" },
    ],
    samples: [
      ["Channel/1/Loss", true],
      ["Channel/16/Motion", true],
      ["Channel/3/Tamper", false],
    ],
  },
  {
    title: "a disk that works, one that fails, one that is full, none",
    receivedAt: AT,
    texts: [
      { kind: "storage", text: disk(false, "2998576721920") },
      { kind: "storage", text: disk(true, "0") },
      { kind: "storage", text: disk(false, "3998576721920") },
      { kind: "storage", text: "list.total=0" },
    ],
    samples: [
      ["Recording/DiskFault", false],
      ["Recording/DiskFull", false],
      ["Recording/DiskFault", true],
      ["Recording/DiskFull", false],
      ["Recording/DiskFault", false],
      ["Recording/DiskFull", true],
      ["Recording/DiskFault", true],
      ["Recording/DiskFull", false],
    ],
  },
];
