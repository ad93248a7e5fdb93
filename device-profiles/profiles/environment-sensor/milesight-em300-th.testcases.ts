import type { ChirpstackTestcase } from "../testcase.ts";

export const testcases: readonly ChirpstackTestcase[] = [
  {
    title: "the maker's example",
    payload: "01755c03673401046865",
    samples: { "Battery/Level": 92, "Environment/Temperature": 30.8, "Environment/Humidity": 50.5 },
  },
  {
    title: "below zero; values of before stand beside and are not today's",
    payload: "0367ceff20ce9e74466310015d01",
    samples: { "Environment/Temperature": -5 },
  },
  {
    title: "a firmware with a channel of its own: what stands before it counts",
    payload: "03673401ee0001",
    samples: { "Environment/Temperature": 30.8 },
    problem: "channel and type ee 00 are unknown",
  },
];
