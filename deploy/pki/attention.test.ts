import { describe, expect, test } from "vitest";
import { needsAttention, reasonOf } from "./attention.ts";
import type { CertificateRow } from "./enrolment-store.ts";

const row = (serial: string, node: string, more: Partial<CertificateRow> = {}): CertificateRow => ({
  serial,
  identity: `campus-ops://edge/qiyun-no1/${node}`,
  keyHash: "",
  pem: "",
  notBefore: 0,
  notAfter: 1,
  way: "token",
  revoked: undefined,
  asked: undefined,
  approved: undefined,
  ...more,
});

describe("what a person has to decide", () => {
  test("is nothing while all is well, or once it was decided", () => {
    const decided = [
      row("a1", "box-1"),
      row("a2", "box-2", { asked: 1, approved: 2 }),
      row("a3", "box-3", { asked: 1, revoked: 2 }),
      row("a4", "box-4", { revoked: 2 }),
    ];
    const denied =
      "a1  # 2026-01-01 stolen\na4  # 2026-01-01 box-4: found on two machines\n# found on two machines\n";
    expect(reasonOf(needsAttention(decided, denied))).toBeUndefined();
  });

  test("is who asks for renewal, and who was found on two machines", () => {
    const rows = [row("a1", "box-1", { asked: 1 }), row("a2", "box-2")];
    const attention = needsAttention(rows, "a2  # 2026-01-01 qiyun-no1.box-2: found on two machines\n");
    expect(attention).toEqual({ approvals: ["qiyun-no1.box-1"], twins: ["qiyun-no1.box-2"] });
    const reason = reasonOf(attention);
    expect(reason?.zh).toMatch(/两台机器.*qiyun-no1\.box-2.*等待批准续期：qiyun-no1\.box-1/);
    expect(reason?.en).toMatch(/two machines.*qiyun-no1\.box-2.*approval: qiyun-no1\.box-1/);
  });

  test("names some of many and counts the others", () => {
    const rows = Array.from({ length: 8 }, (_, index) => row(`b${index}`, `box-${index}`, { asked: 1 }));
    const reason = reasonOf(needsAttention(rows, ""));
    expect(reason?.zh).toContain("box-4等 8 台");
    expect(reason?.en).toContain("box-4 and 3 more");
  });
});
