import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { accelerator } from "./accelerator.ts";

test.each([
  ["a processor that does virtualization", ["/dev/kvm", "/sys/module/kvm_intel/refcnt"], "kvm"],
  ["one of AMD", ["/dev/kvm", "/sys/module/kvm_amd/refcnt"], "kvm"],
  ["a machine whose kernel plays KVM", ["/dev/kvm", "/sys/module/kvm_pvm/refcnt"], "tcg"],
  ["a container without the device", ["/sys/module/kvm_intel/refcnt"], "tcg"],
  ["a machine with nothing of it", [], "tcg"],
] as const)("a virtual box on %s runs as it is quickest", (_, files, expected) => {
  const root = mkdtempSync(join(tmpdir(), "accelerator-"));
  try {
    for (const file of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), "");
    }
    const { name, words } = accelerator(root);
    expect(name).toBe(expected);
    expect(words.join(" ")).toContain(`-accel ${expected}`);
  } finally {
    rmSync(root, { recursive: true });
  }
});
