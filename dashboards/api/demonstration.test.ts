import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import type { Authenticate } from "./identity.ts";
import type { ApiParts } from "./parts.ts";
import { json, openFolder, title, world } from "./testing/world.ts";

let close: () => Promise<void>;
let grants: readonly Grant[];
let traces: readonly string[];
let begun: PromiseWithResolvers<void>;
let times: number;
const authenticate: Authenticate = () => ({ user: "wang", title: title("wang"), grants });
const clearing: NonNullable<ApiParts["clearing"]> = {
  ownHubTraces: () => traces,
  begin: () => {
    times++;
    begun.resolve();
  },
};
const typed = (confirmation: string) => json({ confirmation });

beforeEach(async () => {
  close = await openFolder();
  grants = everyRoleAt("");
  traces = [];
  begun = Promise.withResolvers();
  times = 0;
});
afterEach(() => close());

test.each(["清除演示", "clear the demonstration"])(
  "clearing begins once %s was typed and the answer is given, and is in the audit trail",
  async (confirmation) => {
    const { audited, url } = await world(authenticate, { clearing });
    expect((await fetch(`${url}/api/v1/demonstration/clear`, typed(confirmation))).status).toBe(202);
    await begun.promise;
    expect(times).toBe(1);
    expect(audited).toEqual([{ user: "wang", action: "demonstration.clear" }]);
  },
);

test("it is refused without the words, and for who administers a part of the hub", async () => {
  const { audited, url } = await world(authenticate, { clearing });
  expect((await fetch(`${url}/api/v1/demonstration/clear`, typed("yes"))).status).toBe(400);
  grants = everyRoleAt("990100/990102");
  expect((await fetch(`${url}/api/v1/demonstration/clear`, typed("清除演示"))).status).toBe(403);
  expect(times).toBe(0);
  expect(audited.filter(({ action }) => action === "demonstration.clear")).toEqual([]);
});

test("a folder that was a hub of its own as well is left alone", async () => {
  traces = ["pki"];
  const mixed = await world(authenticate, { clearing });
  const refused = await fetch(`${mixed.url}/api/v1/demonstration/clear`, typed("清除演示"));
  expect(refused.status).toBe(409);
  expect(await refused.text()).toContain("pki");
  expect(times).toBe(0);
});

test("a hub that is no demonstration has nothing to clear", async () => {
  const { url } = await world(authenticate);
  expect((await fetch(`${url}/api/v1/demonstration/clear`, typed("清除演示"))).status).toBe(409);
});
