/**
 * A machine of its own inside this one: this one's files, beneath a layer in memory that is gone afterwards; its own systemd,
 * processes and network. What is installed and started in it is installed and started as on a machine that people have.
 * Needs root.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./awaiting.ts";

const COMMAND_MS_MAX = 90_000;
const BOOT_MS_MAX = 60_000;
/** The last of what went wrong while it booted. */
const COMPLAINT_CHARACTERS_MAX = 4_000;

/** Units that need hardware, or would take the machine beneath for theirs. */
const MASKED = [
  "systemd-udevd.service",
  "systemd-udev-trigger.service",
  "systemd-modules-load.service",
  "systemd-remount-fs.service",
  "systemd-binfmt.service",
  "proc-sys-fs-binfmt_misc.automount",
  "sys-kernel-debug.mount",
  "sys-kernel-tracing.mount",
  "sys-fs-fuse-connections.mount",
  "dev-hugepages.mount",
  "dev-mqueue.mount",
];

/** `$0` is an empty folder, `$1` the files beneath, `$2` a folder that both see, at /mnt. */
const BOOT = `
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$0" && mkdir "$0/upper" "$0/work" "$0/root"
mount -t overlay overlay -o "lowerdir=$1,upperdir=$0/upper,workdir=$0/work" "$0/root"
mount --rbind "$2" "$0/root/mnt"
cd "$0/root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount --bind /dev dev
mount --bind /dev/null dev/console
for each in run tmp media; do mount -t tmpfs tmpfs $each; done
ip link set lo up
mount --make-rshared .
rm -rf etc/systemd/system/*.wants
for each in ${MASKED.join(" ")}; do ln -sf /dev/null etc/systemd/system/$each; done
export container=lxc
exec chroot . /lib/systemd/systemd --unit=basic.target --show-status=no
`;

export interface MachineOptions {
  /** A folder that the machine sees as /mnt. */
  readonly shared: string;
  /** The files beneath; this machine's unless said. */
  readonly root?: string;
}

export interface Said {
  readonly code: number | null;
  /** What it wrote, to its output and its error output. */
  readonly text: string;
}

export class Machine {
  readonly #process: ChildProcess;
  readonly #folder: string;
  /** Of its systemd, as this machine counts. */
  readonly pid: number;

  private constructor(process_: ChildProcess, folder: string, pid: number) {
    this.#process = process_;
    this.#folder = folder;
    this.pid = pid;
  }

  /** Resolves when it has booted. */
  static async start({ root = "/", shared }: MachineOptions): Promise<Machine> {
    const folder = mkdtempSync(join(tmpdir(), "machine-"));
    const mountpoint = join(folder, "root");
    mkdirSync(mountpoint);
    const namespaces = ["mount", "net", "pid", "cgroup", "ipc", "uts"].map((each) => `--${each}`);
    // It does not outlive whoever asked for it.
    const child = spawn(
      "setpriv",
      [
        ...["--pdeathsig", "KILL", "unshare", ...namespaces, "--fork", "--kill-child"],
        ...["bash", "-c", BOOT, mountpoint, root, shared],
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    let complained = "";
    child.stderr.on("data", (chunk: Buffer) => {
      complained = (complained + chunk.toString()).slice(-COMPLAINT_CHARACTERS_MAX);
    });
    try {
      const pid = await eventually("there is a first process", async () => childOf(child), BOOT_MS_MAX);
      const machine = new Machine(child, folder, pid);
      await eventually(
        "its systemd has booted",
        async () => (machine.run("systemctl is-active --quiet basic.target").code === 0 ? true : undefined),
        BOOT_MS_MAX,
      );
      return machine;
    } catch (error) {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
      throw new Error(`the machine did not boot: ${complained}`, { cause: error });
    }
  }

  /** Runs lines of shell as its root, to the first that fails. */
  run(script: string, input = ""): Said {
    const inside = ["mount", "net", "pid", "cgroup", "ipc", "uts", "root", "wd"].map((each) => `--${each}`);
    const { status, stdout, stderr } = spawnSync(
      "nsenter",
      ["--target", String(this.pid), ...inside, "sh", "-ec", script],
      {
        encoding: "utf8",
        timeout: COMMAND_MS_MAX,
        killSignal: "SIGKILL",
        input,
        env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      },
    );
    return { code: status, text: `${stdout}${stderr}` };
  }

  /** As {@link run}; throws what was said where it failed. */
  must(script: string, input = ""): string {
    const { code, text } = this.run(script, input);
    if (code !== 0) throw new Error(`${script}\nended with ${code}:\n${text}`);
    return text;
  }

  /** Lays a cable to another machine; each has an address at its own end. */
  cable(address: string, other: Machine, otherAddress: string): void {
    const ends = `cable${this.pid}`;
    const script = [
      `ip link add near netns ${this.pid} type veth peer name ${ends} netns ${other.pid}`,
      `nsenter --target ${this.pid} --net sh -ec 'ip address add ${address}/30 dev near; ip link set near up'`,
      `nsenter --target ${other.pid} --net sh -ec 'ip address replace ${otherAddress}/30 dev ${ends}; ip link set ${ends} up'`,
    ];
    const { status, stderr } = spawnSync("sh", ["-ec", script.join("\n")], { encoding: "utf8" });
    if (status !== 0) throw new Error(`no cable: ${stderr}`);
  }

  /** Everything in it ends with it. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once("close", resolve));
    process.kill(this.pid, "SIGKILL");
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The only child of a process, once it has become systemd. */
function childOf({ pid }: ChildProcess): number | undefined {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    const isBooting = readFileSync(`/proc/${child}/comm`, "utf8").trim() === "systemd";
    return isBooting ? Number(child) : undefined;
  } catch {
    return undefined;
  }
}
