import { PROFILES } from "@campus-ops/device-profiles/profiles";
import { expect, test } from "vitest";
import { matchProfiles, vendorOfObjectId } from "./profile-match.ts";

test("a switch's enterprise number leads to its vendor's profile, before the generic ones", () => {
  expect(vendorOfObjectId("1.3.6.1.4.1.25506.11.1.160")).toBe("H3C");
  expect(vendorOfObjectId("1.3.6.1.4.1.1")).toBeUndefined();
  expect(vendorOfObjectId("1.3.6.1.2.1")).toBeUndefined();
  const [first, second] = matchProfiles("snmp", { objectId: "1.3.6.1.4.1.25506.11.1.160" }, PROFILES);
  expect(first).toMatchObject({ profile: "switch/h3c-comware", confidence: 0.6 });
  expect(second).toMatchObject({ profile: "switch/generic-managed", confidence: 0.4 });
});

test("vendor and model together are surer than the vendor alone", () => {
  const facts = { description: "H3C Comware Platform Software, Software Version 7.1.070" };
  const [match] = matchProfiles("snmp", facts, PROFILES);
  expect(match).toMatchObject({ profile: "switch/h3c-comware", confidence: 0.9 });
  expect(match?.why.zh).toContain("comware");
});

test("a projector's class decides between the generic profiles", () => {
  expect(matchProfiles("pjlink", { pjlinkClass: 1 }, PROFILES)[0]?.profile).toBe(
    "projector/generic-pjlink-class-1",
  );
  expect(matchProfiles("pjlink", { pjlinkClass: 2 }, PROFILES)[0]?.profile).toBe(
    "projector/generic-pjlink-class-2",
  );
});

test("that something speaks Modbus says nothing about its registers", () => {
  for (const { confidence } of matchProfiles("modbus", {}, PROFILES)) expect(confidence).toBeLessThan(0.2);
  expect(matchProfiles("mdns", { description: "_http._tcp" }, PROFILES)).toEqual([]);
});
