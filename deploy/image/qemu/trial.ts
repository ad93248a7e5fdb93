/** A box in QEMU, its hub, and what a scenario does to them. What was done is on the disk: a trial that was broken off goes on with it. */
import { copyFileSync, existsSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { eventually } from "../../testing/awaiting.ts";
import type { State, Update } from "../box/core/contract.ts";
import { run } from "../command.ts";
import { type Extent, extentIn, extentOf, SECTOR_BYTES, STICK_PARTITIONS } from "../layout.ts";
import type { TrialHub } from "./trial-hub.ts";
import type { TrialImages } from "./trial-images.ts";
import { VirtualBox, type VirtualBoxOptions } from "./virtual-box.ts";

/** Room for a bundle of each kind. */
const FAT_BYTES = 2 * 1024 ** 3;
const DISK_BYTES = 6 * 1024 ** 3;
/** An installation and the start after it, where nothing is quick. */
const UPDATE_MS_MAX = 1_500_000;
const PLACE = "/media/depot";

export class Trial {
  readonly images: TrialImages;
  readonly hub: TrialHub;
  readonly folder: string;
  #box: VirtualBox | undefined;

  constructor(folder: string, images: TrialImages, hub: TrialHub) {
    this.folder = folder;
    this.images = images;
    this.hub = hub;
  }

  get disk(): string {
    return join(this.folder, "box.img");
  }

  get depot(): string {
    return join(this.folder, "depot.img");
  }

  /** Puts the bundles of the trial onto the disk that they are installed from. */
  fillDepot(files: readonly string[]): void {
    if (!existsSync(this.depot)) fatDisk(this.depot, "DEPOT", files);
  }

  /** A box as it comes from the image, with a seed on the partition that Windows shows. */
  async unpack(): Promise<void> {
    await this.cutPower();
    copyFileSync(this.images.disk, this.disk);
    truncateSync(this.disk, DISK_BYTES);
    await this.#putSeed(this.disk, extentOf("EDGECFG"));
  }

  /** A box with a disk that nothing was ever written to. */
  async blank(): Promise<void> {
    await this.cutPower();
    rmSync(this.disk, { force: true });
    writeFileSync(this.disk, "");
    truncateSync(this.disk, DISK_BYTES);
  }

  /** A stick that installs, with a seed on it. */
  async installingStick(): Promise<string> {
    const stick = join(this.folder, "installing-stick.img");
    copyFileSync(this.images.stick, stick);
    await this.#putSeed(stick, extentIn(STICK_PARTITIONS, "EDGESTICK"));
    return stick;
  }

  onInstallingStick(stick: string, name: string): string {
    const at = extentIn(STICK_PARTITIONS, "EDGESTICK").firstSector * SECTOR_BYTES;
    return run("mtype", ["-i", `${stick}@@${at}`, `::${name}`]);
  }

  /** The box, switched on where it is not. */
  box(more: Omit<VirtualBoxOptions, "disk" | "depot" | "folder"> = {}): VirtualBox {
    if (!existsSync(this.disk)) throw new Error("there is no box yet; run the scenario first-start");
    this.#box ??= VirtualBox.start({ disk: this.disk, depot: this.depot, folder: this.folder, ...more });
    return this.#box;
  }

  async cutPower(): Promise<void> {
    await this.#box?.cutPower();
    this.#box = undefined;
  }

  /** Where a bundle lies on the box: on a disk beside its own, for what is on trial is not how it comes. */
  async bring(file: string): Promise<string> {
    await this.box().must(
      `mkdir -p ${PLACE} && mountpoint -q ${PLACE} || mount -o ro /dev/disk/by-label/DEPOT ${PLACE}`,
    );
    return `${PLACE}/${basename(file)}`;
  }

  /** What the command of a shell says of a bundle, and how it ends. */
  async install(file: string): Promise<{ readonly code: number; readonly text: string }> {
    return await this.box().run(`campus-ops-update install ${file}`);
  }

  async update(): Promise<Update> {
    return await this.box().json<Update>("/run/campus-ops/update.json");
  }

  /** Waits until the box is up, and nothing is under way. */
  async settled(): Promise<Update> {
    return await this.comesTo("idle", "waiting", "done", "refused", "failed", "rolled-back");
  }

  /** Waits for an update to come to one of `states`. */
  async comesTo(...states: readonly State[]): Promise<Update> {
    let last = "";
    return await eventually(
      `the update comes to ${states.join(" or ")}`,
      async () => {
        const update = await this.update();
        last = update.state;
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        return states.includes(update.state) ? update : undefined;
      },
      UPDATE_MS_MAX,
    ).catch((error: unknown) => {
      throw new Error(`it was ${last} in the end`, { cause: error });
    });
  }

  /** The hub gets a reading that was taken from now on. */
  async readsAgain(): Promise<void> {
    const before = await this.hub.newestReading();
    await eventually(
      "the hub gets a new reading",
      async () => {
        const newest = await this.hub.newestReading();
        return newest !== undefined && newest > (before ?? 0) ? true : undefined;
      },
      UPDATE_MS_MAX,
    );
  }

  /** A stick with files on it, as Windows would format it. */
  stick(...files: readonly string[]): string {
    const stick = join(this.folder, "stick.img");
    fatDisk(stick, "STICK", files);
    return stick;
  }

  onStick(stick: string, name: string): string {
    return run("mtype", ["-i", stick, `::${name}`]);
  }

  async #putSeed(disk: string, { firstSector }: Extent): Promise<void> {
    const seed = join(this.folder, "edge.conf");
    rmSync(seed, { force: true });
    await this.hub.seed(seed);
    run("mcopy", ["-i", `${disk}@@${firstSector * SECTOR_BYTES}`, seed, "::edge.conf"]);
  }
}

function fatDisk(to: string, label: string, files: readonly string[]): void {
  rmSync(to, { force: true });
  writeFileSync(to, "");
  truncateSync(to, FAT_BYTES);
  run("mkfs.vfat", ["-F", "32", "-n", label, to]);
  for (const file of files) run("mcopy", ["-i", to, file, `::${basename(file)}`]);
}
