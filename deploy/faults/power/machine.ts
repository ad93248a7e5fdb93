/**
 * A machine whose power can be cut: QEMU, by KVM where the machine has it, with a disk that forgets what was not flushed.
 * It runs one program of this tree and speaks with it in lines of JSON.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { LineSplitter } from "../../cli/supervisor/lines.ts";
import { accelerator } from "../../image/qemu/accelerator.ts";
import { Happenings } from "../../testing/awaiting.ts";
import type { Random } from "../../testing/random.ts";
import type { ForgetfulDisk } from "./disk.ts";
import type { Kernel } from "./kernel.ts";
import { NbdServer } from "./nbd.ts";

const MEMORY_MIB = 768;

/** What the program is told first, and what it answers with, is between it and whoever starts the machine. */
export interface MachineOptions<Settings> {
  readonly kernel: Kernel;
  readonly disk: ForgetfulDisk;
  /** An empty folder for sockets and the console; the same at every start. */
  readonly folder: string;
  readonly program: string;
  readonly settings: Settings;
  /** The disk has nothing on it yet. */
  readonly first: boolean;
}

export class Machine<Settings, Said> {
  readonly said = new Happenings<Said>();
  readonly #disk: ForgetfulDisk;
  readonly #folder: string;
  readonly #nbd: NbdServer;
  readonly #control: Server;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #program: Socket | undefined;

  static async start<Settings, Said>(options: MachineOptions<Settings>): Promise<Machine<Settings, Said>> {
    const nbd = await NbdServer.listen(join(options.folder, "disk.sock"), options.disk);
    const control = createServer().listen(0, "127.0.0.1");
    await once(control, "listening");
    return new Machine(options, nbd, control);
  }

  private constructor(options: MachineOptions<Settings>, nbd: NbdServer, control: Server) {
    this.#disk = options.disk;
    this.#folder = options.folder;
    this.#nbd = nbd;
    this.#control = control;
    control.on("connection", (socket) => this.#speak(socket, options.settings));
    const { port } = control.address() as AddressInfo;
    this.#process = spawn("setpriv", ["--pdeathsig", "KILL", "qemu-system-x86_64", ...words(options, port)], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    this.#ended = once(this.#process, "close");
  }

  /** What its kernel and its program wrote. */
  get console(): string {
    return readFileSync(join(this.#folder, "console.log"), "utf8");
  }

  /** Resolves when the machine has ended by itself, which none should. */
  async ended(): Promise<void> {
    await this.#ended;
  }

  tell(order: object): void {
    if (this.#program === undefined) throw new Error("its program has not been heard yet");
    this.#program.write(`${JSON.stringify(order)}\n`);
  }

  /** How many sectors the disk forgot. */
  async cutPower(chance: Random): Promise<number> {
    // The disk goes first: what is still in QEMU is what was on its way in the cable.
    this.#nbd.disconnect();
    const forgotten = this.#disk.cut(chance);
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill("SIGKILL");
    await this.#ended;
    this.#program?.destroy();
    this.#control.close();
    await this.#nbd.close();
    return forgotten;
  }

  #speak(socket: Socket, settings: Settings): void {
    this.#program = socket;
    socket.on("error", () => socket.destroy());
    const splitter = new LineSplitter((line) => this.said.add(JSON.parse(line) as Said));
    socket.on("data", (chunk: Buffer) => splitter.push(chunk));
    socket.write(`${JSON.stringify(settings)}\n`);
  }
}

function words<Settings>(options: MachineOptions<Settings>, control: number): readonly string[] {
  const { first, folder, kernel, program } = options;
  const line = [
    ...["console=ttyS0", "panic=-1"],
    ...[`power.node=${process.execPath}`, `power.program=${program}`, `power.control=${control}`],
    ...(first ? ["power.first=yes"] : []),
  ];
  return [
    ...[...accelerator().words, "-smp", "1", "-m", String(MEMORY_MIB)],
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
    ...["-serial", `file:${join(folder, "console.log")}`],
    ...["-kernel", kernel.kernel, "-initrd", kernel.initrd, "-append", line.join(" ")],
    ...[
      "-blockdev",
      `driver=nbd,node-name=disk,server.type=unix,server.path=${join(folder, "disk.sock")},cache.direct=on`,
    ],
    ...["-device", "virtio-blk-pci,drive=disk,write-cache=on"],
    ...["-fsdev", "local,id=machine,path=/,security_model=none,readonly=on,multidevs=remap"],
    ...["-device", "virtio-9p-pci,fsdev=machine,mount_tag=machine"],
    // 10.0.2.2 inside is this machine's loopback; there is no way further.
    ...["-netdev", "user,id=cable", "-device", "virtio-net-pci,netdev=cable,romfile="],
  ];
}
