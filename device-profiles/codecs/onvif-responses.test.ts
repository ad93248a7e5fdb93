import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { envelope, getDeviceInformation, passwordDigestInput } from "./onvif-requests.ts";
import {
  isLoginRefused,
  parseCapabilities,
  parseDeviceInformation,
  parseSoap,
  parseSubscription,
  parseSystemDateAndTime,
  type SoapAnswer,
} from "./onvif-responses.ts";
import { parseMediaProfiles } from "./onvif-services.ts";
import { parseXml, textAt, type XmlElement } from "./xml.ts";

function soap(body: string): SoapAnswer | undefined {
  return parseSoap(
    `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>${body}</s:Body></s:Envelope>`,
  );
}

function bodyOf(body: string): XmlElement {
  const answer = soap(body);
  if (answer?.kind !== "body") throw new Error("no body");
  return answer.body;
}

test("the digest is that of the ONVIF Application Programmer's Guide", () => {
  const nonce = Buffer.from("LKqI6G/AikKCQrN0zqZFlg==", "base64");
  const input = passwordDigestInput(nonce, "2010-09-16T07:50:45Z", "userpassword");
  expect(createHash("sha1").update(input).digest("base64")).toBe("tuOSpGlFlIXsozq4HFNeeGeFLEI=");
});

test("a user name with markup in it stays one user name", () => {
  const username = `a"b<c>&d`;
  const token = { username, nonce: "bm9uY2U=", created: "2026-09-01T00:00:00Z", digest: "ZGlnZXN0" };
  const root = parseXml(envelope(getDeviceInformation, token));
  expect(textAt(root, "Header", "Security", "UsernameToken", "Username")).toBe(username);
});

test("a serial number of twenty digits and a profile token 1.0 stay as they are", () => {
  const information = bodyOf(
    `<tds:GetDeviceInformationResponse><tds:Manufacturer>海康</tds:Manufacturer><tds:Model/>` +
      `<tds:SerialNumber>20230912345678901234</tds:SerialNumber></tds:GetDeviceInformationResponse>`,
  );
  expect(parseDeviceInformation(information)).toEqual({
    manufacturer: "海康",
    serialNumber: "20230912345678901234",
  });
  const profiles = bodyOf(
    `<trt:GetProfilesResponse><trt:Profiles token="1.0"/><trt:Profiles/><trt:Profiles token="002"/></trt:GetProfilesResponse>`,
  );
  expect(parseMediaProfiles(profiles).map(({ token }) => token)).toEqual(["1.0", "002"]);
});

test("the camera's clock is read from its UTC fields; one that is not a time is none", () => {
  const clock = (hour: string) =>
    bodyOf(
      `<GetSystemDateAndTimeResponse><SystemDateAndTime><UTCDateTime>` +
        `<Time><Hour>${hour}</Hour><Minute>5</Minute><Second>9</Second></Time>` +
        `<Date><Year>2026</Year><Month>9</Month><Day>1</Day></Date>` +
        `</UTCDateTime></SystemDateAndTime></GetSystemDateAndTimeResponse>`,
    );
  expect(parseSystemDateAndTime(clock("23"))).toBe(Date.UTC(2026, 8, 1, 23, 5, 9));
  expect(parseSystemDateAndTime(clock("77"))).toBeUndefined();
  expect(parseSystemDateAndTime(clock(""))).toBeUndefined();
  expect(parseSystemDateAndTime(bodyOf("<GetSystemDateAndTimeResponse/>"))).toBeUndefined();
});

describe("faults", () => {
  test("of SOAP 1.2 carry their codes, outermost first", () => {
    const answer = soap(
      `<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>` +
        `<s:Reason><s:Text xml:lang="en">Sender not Authorized</s:Text></s:Reason></s:Fault>`,
    );
    const fault = { codes: ["Sender", "NotAuthorized"], reason: "Sender not Authorized" };
    expect(answer).toEqual({ kind: "fault", fault });
    expect(isLoginRefused(fault)).toBe(true);
  });

  test("of SOAP 1.1 are understood, and other faults are no refused logins", () => {
    const answer = soap(
      "<SOAP:Fault><faultcode>SOAP:Server</faultcode><faultstring>busy</faultstring></SOAP:Fault>",
    );
    expect(answer).toEqual({ kind: "fault", fault: { codes: ["Server"], reason: "busy" } });
    expect(isLoginRefused({ codes: ["Server"], reason: "busy" })).toBe(false);
  });

  test("whose codes are nested without end stop", () => {
    const nested = `${"<s:Subcode>".repeat(30)}${"</s:Subcode>".repeat(30)}`;
    const answer = soap(`<s:Fault><s:Code>${nested}</s:Code></s:Fault>`);
    expect(answer?.kind === "fault" && answer.fault.codes.length).toBe(8);
  });
});

test("an answer to something else holds nothing", () => {
  const body = bodyOf("<Other/>");
  expect(parseDeviceInformation(body)).toBeUndefined();
  expect(parseSubscription(body)).toBeUndefined();
  expect(parseCapabilities(body)).toEqual({});
  expect(parseSoap("<html><body>not found</body></html>")).toBeUndefined();
});
