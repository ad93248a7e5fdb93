import { expect, test } from "vitest";
import { everyRoleAt, hasPermission, PERMISSION_NAMES, placesOf, ROLES } from "./permissions.ts";

test("each role may do something, and each permission is somebody's", () => {
  for (const role of ROLES) expect(PERMISSION_NAMES.some((name) => hasPermission(role, name))).toBe(true);
  for (const name of PERMISSION_NAMES) expect(ROLES.some((role) => hasPermission(role, name))).toBe(true);
});

test("administration, operation and audit lie in different hands", () => {
  for (const role of ROLES) {
    const has = (name: (typeof PERMISSION_NAMES)[number]): boolean => hasPermission(role, name);
    expect([role, has("audit.read") && (has("accounts.manage") || has("alarms.act"))]).toEqual([role, false]);
    expect([role, has("accounts.manage") && has("personal")]).toEqual([role, false]);
  }
  for (const permission of ["personal.health", "personal.confirm"] as const)
    expect(ROLES.filter((role) => hasPermission(role, permission))).toEqual(["school-doctor"]);
});

test("grants at several places add up, and one within another says nothing new", () => {
  const grants = [
    { role: "guard", path: "c/a/s1" },
    { role: "guard", path: "c/a/s1/east" },
    { role: "duty-leader", path: "c/b" },
    { role: "auditor", path: "" },
  ] as const;
  expect(placesOf(grants, "alarms.act")).toEqual(["c/a/s1", "c/b"]);
  expect(placesOf(grants, "drills.run")).toEqual(["c/b"]);
  expect(placesOf(grants, "audit.read")).toEqual([""]);
  expect(placesOf(grants, "accounts.manage")).toEqual([]);
});

test("a permission that every role has at a place is had there once", () => {
  for (const name of PERMISSION_NAMES) expect(placesOf(everyRoleAt("c/a"), name)).toEqual(["c/a"]);
});
