/** What a Dockerfile says, held against what it is made of; `npm run containers` builds and starts it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { EDGE, edgePackage } from "../packages/edge.ts";
import { HUB, hubPackage } from "../packages/hub.ts";
import { composeImages } from "./trial/compose-file.ts";
import { canMake } from "./trial/images.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const instructions = (text: string): readonly string[] =>
  text
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line !== "");

const PACKAGES = [
  { file: "hub.Dockerfile", about: hubPackage("0.1.0", "amd64"), name: HUB },
  { file: "edge.Dockerfile", about: edgePackage("0.1.0", "amd64"), name: EDGE },
];

test("every Dockerfile is looked at", () => {
  const there = readdirSync(import.meta.dirname).filter((each) => each.endsWith(".Dockerfile"));
  expect(there.sort()).toEqual(PACKAGES.map(({ file }) => file).sort());
});

describe.each(PACKAGES)("$file", ({ about, file, name }) => {
  const lines = instructions(read(`deploy/containers/${file}`));
  const said = lines.join("\n");

  test("installs the Debian package that the build made, for the user and the folders that the package has", () => {
    expect(said).toContain(`/packages/${name}_*.deb`);
    // Podman 4.3 finds nothing in a stage that was made before, for the other image: no last step is the same.
    expect(said).toContain(`npm run package -- ${name.replace("campus-ops-", "")} "$TARGETARCH"`);
    expect(said).toMatch(new RegExp(`useradd --system --uid 1000\\d .* ${about.service?.user}$`, "m"));
    for (const folder of about.service?.data ?? []) expect(said).toContain(folder);
  });

  test("is built by the Node of this repository: npm leaves out what says that it needs a newer one", () => {
    const newer = lines.indexOf("RUN npm install --global node@24");
    expect(newer).toBeGreaterThan(0);
    expect(lines.indexOf("RUN npm ci")).toBeGreaterThan(newer);
    expect(read("package.json")).toContain('"node": "^24.');
  });

  test("knows nothing of whom the network had the build trust", () => {
    const made = lines.findLastIndex((line) => line.startsWith("FROM"));
    expect(lines.findLastIndex((line) => line.includes("id=authority"))).toBeLessThan(made);
    expect(lines.findLastIndex((line) => line.includes("NODE_EXTRA_CA_CERTS"))).toBeLessThan(made);
    expect(lines.filter((line) => line.startsWith("COPY") && line.includes("--from"))).toEqual([]);
  });

  test("does not end as root, and by its number", () => {
    const users = lines.filter((line) => line.startsWith("USER"));
    expect(users).toHaveLength(1);
    expect(users[0]).toMatch(/^USER (1000\d):\1$/);
    const later = lines.slice(lines.indexOf(users[0] ?? ""));
    expect(later.filter((line) => line.startsWith("RUN"))).toEqual([]);
  });

  test("starts what the package's unit starts", () => {
    const unit = read(`deploy/units/${name}.service`);
    const [, started = ""] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    const entry = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(said)?.[1] ?? "[]") as readonly string[];
    const command = JSON.parse(/^CMD (.*)$/m.exec(said)?.[1] ?? "[]") as readonly string[];
    // The hub's command is the script that the package puts before the same program.
    const [program = "", ...words] = [...entry, ...command];
    if (program === "/usr/bin/campus-ops")
      expect(started).toMatch(new RegExp(`main\\.js ${words.join(" ")}$`));
    else expect(started).toBe([program, ...words].join(" "));
    for (const [, variable, value] of unit.matchAll(/^Environment=(\w+)=(.*)$/gm))
      expect(said).toContain(`${variable}=${value}`);
  });
});

test("each image that several workers on one machine need is one that a trial can make", () => {
  const images = composeImages();
  expect(images).toContain("campus-ops-hub:0.1.0");
  expect(images.filter((image) => /[${}]/.test(image))).toEqual([]);
  expect(images.filter((image) => !canMake(image))).toEqual([]);
  expect(canMake("grafana/grafana-oss:12.2.0")).toBe(false);
});

test("what a build must not take along is left out, and what it copies is there", () => {
  const ignored = read(".dockerignore").trim().split("\n");
  for (const each of ["node_modules", "data", ".git"]) expect(ignored).toContain(each);
  expect(existsSync(join(ROOT, "package-lock.json"))).toBe(true);
});
