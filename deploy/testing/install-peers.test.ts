import { expect, test } from "vitest";
import { missingPeers, PEERS } from "./install-peers.ts";

test("what is not on this machine is missing, by name and by path", () => {
  const absent = [
    { needs: "a-program-nobody-has", package: "a" },
    { needs: "/usr/share/nowhere/at-all", package: "b" },
  ];
  expect(missingPeers([...absent, { needs: "sh", package: "dash" }])).toEqual(absent);
});

test("every peer is there when the tests run", () => {
  expect(missingPeers(PEERS)).toEqual([]);
});
