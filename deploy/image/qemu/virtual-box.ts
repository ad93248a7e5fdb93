/**
 * A box without hardware: QEMU, a disk in a file, a cable to this machine's loopback (10.0.2.2 inside), and a
 * shell that only images of a trial have. It is slow, and everything is awaited by what happens, never by time alone.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { eventually, within } from "../../testing/awaiting.ts";
import { accelerator } from "./accelerator.ts";

/** From power to a shell, beside everything else that a machine with two cores may be doing. */
const START_MS_MAX = 900_000;
const COMMAND_MS_MAX = 900_000;
const READ_MS_MAX = 60_000;
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const MEMORY_MIB = 1024;

export interface VirtualBoxOptions {
  /** A file of a whole disk, written to. */
  readonly disk: string;
  /** Another one that it may read. */
  readonly depot: string;
  /** Folder for its sockets and logs. */
  readonly folder: string;
  /** Another one that is plugged in by USB. */
  readonly stick?: string;
  /** It starts from that one, whatever lies on its disk. */
  readonly startsFromStick?: boolean;
  /** What its clock says when it is switched on; ISO 8601 without a zone. Now unless said. */
  readonly clock?: string;
  /** Starts by UEFI; by BIOS unless said. */
  readonly uefi?: boolean;
}

export interface Said {
  readonly code: number;
  readonly text: string;
}

export class VirtualBox {
  readonly #options: VirtualBoxOptions;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #shell: Socket | undefined;
  #commands = 0;

  private constructor(options: VirtualBoxOptions, process_: ChildProcess) {
    this.#options = options;
    this.#process = process_;
    this.#ended = once(process_, "close");
  }

  static start(options: VirtualBoxOptions): VirtualBox {
    const { folder } = options;
    for (const each of ["shell.sock", "console.log", "journal.log"])
      rmSync(join(folder, each), { force: true });
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "qemu-system-x86_64", ...words(options)], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    return new VirtualBox(options, child);
  }

  /** What its firmware, GRUB and kernel wrote since it was switched on. */
  get console(): string {
    return readIfThere(join(this.#options.folder, "console.log"));
  }

  get journal(): string {
    return readIfThere(join(this.#options.folder, "journal.log"));
  }

  /** Runs lines of shell as its root. Waits for the shell where the box is starting. */
  async run(script: string, milliseconds = COMMAND_MS_MAX): Promise<Said> {
    const shell = await this.#open();
    this.#commands += 1;
    const mark = `trial-${this.#commands}-${Date.now()}`;
    const { promise, reject, resolve } = Promise.withResolvers<Said>();
    let text = "";
    const hear = (chunk: string): void => {
      text = (text + chunk).slice(-ANSWER_BYTES_MAX);
      const end = new RegExp(`${mark} (\\d+)\\r?\\n`).exec(text);
      const begun = text.indexOf(`${mark} begins\n`);
      if (end === null || begun < 0) return;
      const said = text.slice(begun + `${mark} begins\n`.length, end.index);
      resolve({ code: Number(end[1]), text: said });
    };
    const gone = (): void => reject(new Error(`the box went away during: ${script}`));
    shell.on("data", hear).once("close", gone);
    // What is asked is put into a shell of its own: one that ends early does not end the session.
    const quoted = `'${script.replaceAll("'", `'\\''`)}'`;
    shell.write(`echo "${mark} begins"; sh -c ${quoted}; echo "${mark} $?"\n`);
    try {
      return await within(milliseconds, script, promise);
    } finally {
      shell.off("data", hear).off("close", gone);
    }
  }

  /** As {@link run}; throws what was said where it failed. */
  async must(script: string, milliseconds = COMMAND_MS_MAX): Promise<string> {
    const { code, text } = await this.run(script, milliseconds);
    if (code !== 0) throw new Error(`${script}\nended with ${code}:\n${text}`);
    return text;
  }

  /** A file of it, as JSON. Soon, or not at all: a box that starts anew leaves what was asked unanswered. */
  async json<T>(path: string): Promise<T> {
    return JSON.parse(await this.must(`cat ${path}`, READ_MS_MAX)) as T;
  }

  /** Resolves when it starts anew, whoever had it do so: GRUB's greeting counts. */
  async startedAnew(before: number): Promise<void> {
    await eventually(
      "the box starts anew",
      async () => (this.starts > before ? true : undefined),
      START_MS_MAX,
    );
    this.#shell?.destroy();
    this.#shell = undefined;
  }

  /** How often GRUB has started something since it was switched on. */
  get starts(): number {
    return this.console.match(/campus-ops: starting [AB]/g)?.length ?? 0;
  }

  /** The slots that GRUB has started, in order. */
  get slots(): string {
    return [...this.console.matchAll(/campus-ops: starting ([AB])/g)].map(([, slot]) => slot).join("");
  }

  /** Resolves when it has switched itself off. */
  async switchedOff(): Promise<void> {
    await within(COMMAND_MS_MAX, "the box switches itself off", this.#ended);
    this.#shell?.destroy();
  }

  /** The power is cut. */
  async cutPower(): Promise<void> {
    this.#shell?.destroy();
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill("SIGKILL");
    await this.#ended;
  }

  async #connect(): Promise<Socket> {
    const socket = connect(join(this.#options.folder, "shell.sock"));
    await once(socket, "connect");
    return socket;
  }

  async #open(): Promise<Socket> {
    if (this.#shell !== undefined && !this.#shell.destroyed) return this.#shell;
    const socket = await eventually("QEMU listens", async () => await this.#connect(), START_MS_MAX);
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    this.#shell = socket;
    // What is said before somebody listens is lost, so that it is asked until it answers.
    let heard = "";
    const listen = (chunk: string): void => {
      heard = (heard + chunk).slice(-ANSWER_BYTES_MAX);
    };
    socket.on("data", listen);
    await eventually(
      "its shell answers",
      async () => {
        if (heard.includes("listens")) return true;
        socket.write("echo lis''tens\n");
        await new Promise((resolve) => setTimeout(resolve, 2_000));
        return undefined;
      },
      START_MS_MAX,
    );
    socket.off("data", listen);
    return socket;
  }
}

function words(options: VirtualBoxOptions): readonly string[] {
  const { clock, depot, disk, folder, startsFromStick = false, stick, uefi = false } = options;
  return [
    ...[...accelerator().words, "-smp", "2", "-m", String(MEMORY_MIB)],
    ...["-display", "none", "-vga", "none", "-monitor", "none"],
    ...["-drive", `file=${disk},format=raw,if=virtio`],
    ...["-drive", `file=${depot},format=raw,if=virtio,readonly=on`],
    // Nothing leaves this machine: what it asks for elsewhere is not there.
    ...["-netdev", "user,id=cable", "-device", "virtio-net-pci,netdev=cable,romfile="],
    ...["-device", "virtio-rng-pci"],
    ...["-serial", `file:${join(folder, "console.log")}`, "-serial", `file:${join(folder, "journal.log")}`],
    ...["-chardev", `socket,id=shell,path=${join(folder, "shell.sock")},server=on,wait=off`],
    ...["-device", "virtio-serial-pci", "-device", "virtserialport,chardev=shell,name=trial"],
    ...["-device", "i6300esb", "-action", "watchdog=reset"],
    ...(clock === undefined ? [] : ["-rtc", `base=${clock}`]),
    ...(uefi ? ["-bios", "/usr/share/ovmf/OVMF.fd"] : []),
    ...(stick === undefined
      ? []
      : [
          ...["-device", "qemu-xhci", "-drive", `file=${stick},format=raw,if=none,id=stick`],
          ...["-device", `usb-storage,drive=stick${startsFromStick ? ",bootindex=0" : ""}`],
        ]),
  ];
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
