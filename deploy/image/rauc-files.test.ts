import { expect, test } from "vitest";
import { imageManifest } from "./manifest.ts";
import { bundleManifest, compatibleOf, systemConfiguration } from "./rauc-files.ts";

const CONTENT = {
  compatible: compatibleOf("amd64"),
  version: "0.2.0",
  built: "2026-11-22T03:20:00.000Z",
};

test("a box takes bundles of its own hardware, checked block by block, signed for code below its root", () => {
  const text = systemConfiguration("arm64");
  expect(text).toContain("compatible=campus-ops-edge-arm64\n");
  expect(text).toContain("bundle-formats=-plain\n");
  expect(text).toContain("[keyring]\npath=/etc/rauc/keyring.pem\ncheck-purpose=codesign\n");
  expect(text.match(/^\[slot\.rootfs\.\d\]\ndevice=(.*)\ntype=raw\nbootname=(.)$/gm)).toHaveLength(2);
});

test("a bundle says what it is for, and what is in it", () => {
  const text = bundleManifest(CONTENT);
  expect(text).toContain("[update]\ncompatible=campus-ops-edge-amd64\nversion=0.2.0\n");
  expect(text).toContain("[bundle]\nformat=verity\n");
  expect(text).toContain("[image.rootfs]\nfilename=system.img\n");
});

test("the manifest of an image names its packages, files and partitions", () => {
  const file = { name: "a.raucb", bytes: 7, sha256: "00" };
  const manifest = imageManifest(CONTENT, [file], ["bash\t5.2.15-2+b7", "campus-ops-edge\t0.2.0"]);
  expect(manifest).toMatchObject({ ...CONTENT, files: [file] });
  expect(manifest.packages).toEqual([
    { name: "bash", version: "5.2.15-2+b7" },
    { name: "campus-ops-edge", version: "0.2.0" },
  ]);
  expect(manifest.partitions.map(({ name }) => name)).toEqual([
    "bios",
    "esp",
    "EDGECFG",
    "root-a",
    "root-b",
    "data",
  ]);
});
