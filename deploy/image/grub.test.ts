/** GRUB's own language is checked by GRUB (`grub-script-check`); what it decides, by a box in QEMU (`npm run faults -- image`). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  FIRST_ENVIRONMENT,
  GRUB_ENVIRONMENT_BYTES,
  grubConfiguration,
  grubEnvironment,
  INSTALL_TARGET,
  STARTS_MAX,
  stickConfiguration,
} from "./grub.ts";
import { coreForGap, startSector } from "./grub-bios.ts";

test("every variable that RAUC sets is counted, saved and asked for", () => {
  const text = grubConfiguration();
  const saved = /^save_env (.*)$/m.exec(text)?.[1]?.split(" ");
  expect(saved?.toSorted()).toEqual(Object.keys(FIRST_ENVIRONMENT).toSorted());
  for (const slot of ["A", "B"]) {
    for (let from = 1; from < STARTS_MAX; from += 1)
      expect(text).toContain(`[ "$${slot}_TRY" = ${from} ]; then set ${slot}_TRY=${from + 1};`);
    expect(text).toContain(`"$${slot}_TRY" != ${STARTS_MAX}`);
  }
});

test("each slot starts its own partition, and the kernel is told which", () => {
  const text = grubConfiguration();
  expect(text).toMatch(/"\$slot" = A \]; then\n.*\n {2}set number=4\n {2}set name=root-a/);
  expect(text).toMatch(/"\$slot" = B \]; then\n.*\n {2}set number=5\n {2}set name=root-b/);
  expect(text).toContain("rauc.slot=$slot");
});

test("the environment block has the length that GRUB overwrites in place, and what does not fit is refused", () => {
  const block = grubEnvironment(FIRST_ENVIRONMENT);
  expect(block).toHaveLength(GRUB_ENVIRONMENT_BYTES);
  expect(block.startsWith("# GRUB Environment Block\nORDER=A B\nA_OK=1\n")).toBe(true);
  expect(block.endsWith("\n###")).toBe(false);
  expect(() => grubEnvironment({ LONG: "x".repeat(GRUB_ENVIRONMENT_BYTES) })).toThrow("do not fit");
});

test("the first sector points to the core, and the core to the rest of itself", () => {
  const sector = startSector(new Uint8Array(512).fill(7), 2048);
  expect(sector).toHaveLength(440);
  expect(sector.readBigUInt64LE(0x5c)).toBe(2048n);
  const core = coreForGap(new Uint8Array(1300).fill(9), 2048);
  expect(core).toHaveLength(1536);
  expect(core.readBigUInt64LE(500)).toBe(2049n);
  expect(core.readUInt16LE(508)).toBe(2);
  expect(core.readUInt16LE(510)).toBe(0x820);
});

test("GRUB for arm64 speaks through its firmware: it has no serial line of its own, and its kernel has another", () => {
  for (const make of [grubConfiguration, stickConfiguration]) {
    expect(make("arm64")).not.toMatch(/serial/);
    expect(make("arm64")).toContain("console=ttyAMA0,115200");
    expect(make("amd64")).toContain("console=ttyS0,115200");
  }
});

test("a stick starts its own system into the target that installs, and mounts nothing of a box", () => {
  const text = stickConfiguration();
  expect(text).toContain("set root=($disk,gpt4)");
  expect(text).toContain(`root=/dev/disk/by-partlabel/stick-system fstab=no systemd.unit=${INSTALL_TARGET}`);
  const units = join(import.meta.dirname, "files/etc/systemd/system");
  expect(readFileSync(join(units, INSTALL_TARGET), "utf8")).toContain("campus-ops-install.service");
  // What looks at sticks leaves this one alone, and nothing holds a disk that is about to be written.
  for (const unit of ["campus-ops-stick@.service", "media-EDGECFG.mount.d/image.conf"])
    expect(readFileSync(join(units, unit), "utf8"), unit).toContain(
      `ConditionKernelCommandLine=!systemd.unit=${INSTALL_TARGET}`,
    );
});
