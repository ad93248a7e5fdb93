/**
 * The bootloader's part of A and B: GRUB picks a slot, counts the attempt, and starts what is in it. RAUC's part is the
 * same file of variables (`ORDER`, `A_OK`, `A_TRY`, …; RAUC reference, section "GRUB"), written when a slot is installed or found
 * good.
 */
import type { Architecture } from "../packages/debian-package.ts";
import { numberOf, STICK_PARTITIONS } from "./layout.ts";

export const SLOTS = ["A", "B"] as const;
export type Slot = (typeof SLOTS)[number];
export const partitionOf = { A: "root-a", B: "root-b" } as const satisfies Record<Slot, string>;

/**
 * A slot is given up after so many starts that nobody has found good. One is not enough: schools switch off their power while
 * a box starts.
 */
export const STARTS_MAX = 3;
/** A kernel that has given up is started again: nobody stands beside it. */
const PANIC_SECONDS = 10;
/** A grub environment block has this length, whatever is in it. */
export const GRUB_ENVIRONMENT_BYTES = 1024;
/** A line that whoever looks after a box may read; of arm64 the one of the platforms that UEFI starts. */
const CONSOLE: Readonly<Record<Architecture, string>> = { amd64: "ttyS0,115200", arm64: "ttyAMA0,115200" };

/** What is in GRUB's core, for it loads nothing from disk. */
export const grubModules = (architecture: Architecture): readonly string[] => [
  ...["part_gpt", "fat", "squash4", "normal", "linux", "test", "regexp", "echo", "sleep", "reboot"],
  ...["loadenv", "terminal", "configfile", "ls", "cat", "minicmd"],
  // GRUB for arm64 speaks through its firmware, which has the line already.
  ...(architecture === "amd64" ? ["serial"] : []),
];

const speaking = (architecture: Architecture): string =>
  architecture === "amd64"
    ? "serial --unit=0 --speed=115200\nterminal_input console serial\nterminal_output console serial\n"
    : "";
/** `$disk` is the one that GRUB itself comes from. */
const FIND_DISK = `regexp --set=1:disk '^(.*),gpt[0-9]+$' "$root"`;

export function grubConfiguration(architecture: Architecture = "amd64"): string {
  const each = <T>(make: (slot: Slot) => T): readonly T[] => SLOTS.map(make);
  return `# Which of two systems is started; written by campus-ops, not by update-grub.
${speaking(architecture)}${FIND_DISK}

# Without its file of variables a box still starts.
set ORDER="${SLOTS.join(" ")}"
${each((slot) => `set ${slot}_OK=1\nset ${slot}_TRY=0`).join("\n")}
load_env

set slot=
for each in $ORDER; do
  if [ -z "$slot" ]; then
${each(
  (slot) =>
    `    if [ "$each" = ${slot} -a "$${slot}_OK" = 1 -a "$${slot}_TRY" != ${STARTS_MAX} ]; then set slot=${slot}; fi`,
).join("\n")}
  fi
done
# Both were tried in vain: it goes on trying for as long as it has power, with what was good last.
if [ -z "$slot" ]; then
${each((slot) => `  set ${slot}_TRY=0\n  if [ -z "$slot" -a "$${slot}_OK" = 1 ]; then set slot=${slot}; fi`).join("\n")}
  if [ -z "$slot" ]; then set slot=${SLOTS[0]}; fi
fi

${each((slot) => `if [ "$slot" = ${slot} ]; then\n${countAttempt(slot)}\n  set number=${numberOf(partitionOf[slot])}\n  set name=${partitionOf[slot]}\nfi`).join("\n")}
save_env ORDER ${each((slot) => `${slot}_OK ${slot}_TRY`).join(" ")}

echo "campus-ops: starting $slot"
set root=($disk,gpt$number)
if linux /boot/vmlinuz ${kernelArguments(architecture)} root=/dev/disk/by-partlabel/$name rauc.slot=$slot; then
  initrd /boot/initrd.img
  boot
fi
echo "campus-ops: $slot does not start"
sleep 2
reboot
`;
}

/** A stick that installs has one system, and one thing to do. */
export function stickConfiguration(architecture: Architecture = "amd64"): string {
  const number = STICK_PARTITIONS.find(({ name }) => name === "stick-system")?.number;
  return `# A stick that installs a box; written by campus-ops.
${speaking(architecture)}${FIND_DISK}
echo "campus-ops: installing"
set root=($disk,gpt${number})
# What a box mounts lies on its own disk.
linux /boot/vmlinuz ${kernelArguments(architecture)} root=/dev/disk/by-partlabel/stick-system fstab=no systemd.unit=${INSTALL_TARGET}
initrd /boot/initrd.img
boot
`;
}
export const INSTALL_TARGET = "campus-ops-install.target";

const kernelArguments = (architecture: Architecture): string =>
  [
    ...["ro", "rootfstype=squashfs", `panic=${PANIC_SECONDS}`, "oops=panic", "fsck.repair=yes", "quiet"],
    ...["systemd.show_status=no", "systemd.crash_reboot=yes", "console=tty0"],
    `console=${CONSOLE[architecture]}`,
  ].join(" ");

/** GRUB's language has no sums. */
function countAttempt(slot: Slot): string {
  const variable = `${slot}_TRY`;
  const steps = Array.from({ length: STARTS_MAX - 1 }, (_, index) => index + 1).reverse();
  const branches = steps.map(
    (from, index) =>
      `${index === 0 ? "if" : "elif"} [ "$${variable}" = ${from} ]; then set ${variable}=${from + 1}; `,
  );
  return `  ${branches.join("")}else set ${variable}=1; fi`;
}

/** The file of variables as `grub-editenv` would write it (GRUB manual, 16: The GRUB environment block). */
export function grubEnvironment(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  const text = `# GRUB Environment Block\n${lines.join("")}`;
  if (text.length > GRUB_ENVIRONMENT_BYTES) throw new Error("the variables do not fit into GRUB's block");
  return text.padEnd(GRUB_ENVIRONMENT_BYTES, "#");
}

/** A box that comes from the image has one system. */
export const FIRST_ENVIRONMENT = { ORDER: "A B", A_OK: "1", A_TRY: "0", B_OK: "0", B_TRY: "0" } as const;
