import type { SocketClient } from "@campus-ops/service/socket-client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt, type Grant } from "../accounts/core/permissions.ts";
import type { Authenticate } from "./identity.ts";
import { json, openFolder, title, world } from "./testing/world.ts";

let close: () => Promise<void>;
let grants: readonly Grant[];
const authenticate: Authenticate = () => ({ user: "wang", title: title("wang"), grants });

beforeEach(async () => {
  close = await openFolder();
  grants = everyRoleAt("");
});
afterEach(() => close());

test("how backups stand is told with what lies at each place, and one is made on demand", async () => {
  const { audited, received, url } = await world(authenticate);
  const view = await (await fetch(`${url}/api/v1/backups`)).json();
  expect(view).toMatchObject({
    configured: true,
    provenAt: 5,
    places: [{ name: "/mnt/nas" }, { problem: "no route" }],
  });
  expect((await fetch(`${url}/api/v1/backups`, json({}))).status).toBe(202);
  expect(received).toEqual([{ path: "/begin", body: undefined }]);
  expect(audited).toEqual([{ user: "wang", action: "backup.begin" }]);
});

test("the recipe names the newest backup, where it is and whose key opens it", async () => {
  const { url } = await world(authenticate);
  const text = await (await fetch(`${url}/api/v1/backups/recipe`)).text();
  expect(text).toContain("/mnt/nas  campus-ops-20261122T023000Z.tar.zst.age");
  expect(text).toContain("age1recipient");
});

test("a hub without a place for backups says so, and who sees a part of the hub is told nothing", async () => {
  const nobody: SocketClient = {
    fetch: () => Promise.reject(new Error("nobody listens")),
    close: async () => undefined,
  };
  const { url } = await world(authenticate, {
    upstreams: { ingest: nobody, rules: nobody, enrolment: nobody, backup: nobody },
  });
  expect(await (await fetch(`${url}/api/v1/backups`)).json()).toEqual({ configured: false });
  expect((await fetch(`${url}/api/v1/backups`, json({}))).status).toBe(503);
  grants = everyRoleAt("990100/990102");
  expect((await fetch(`${url}/api/v1/backups`)).status).toBe(403);
});
