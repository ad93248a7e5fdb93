/**
 * What runs the processor of a virtual box. KVM where the processor itself does virtualization; where it does not, `/dev/kvm` may be
 * there all the same (a virtual machine whose kernel plays it), and what comes before long mode (firmware, GRUB) is played one
 * instruction at a time: QEMU's own translation is quicker by far there.
 */
import { accessSync, constants, existsSync } from "node:fs";

export interface Accelerator {
  readonly name: "kvm" | "tcg";
  /** What QEMU is told. */
  readonly words: readonly string[];
}

const KVM: Accelerator = { name: "kvm", words: ["-accel", "kvm", "-cpu", "host"] };
/** Nehalem: old enough for everything that Debian may meet, and cheap to translate. */
const TCG: Accelerator = { name: "tcg", words: ["-accel", "tcg,thread=multi", "-cpu", "Nehalem"] };

const DEVICE = "/dev/kvm";
/** Loaded where the processor does it: Intel's VT-x, AMD's SVM. */
const HARDWARE = ["/sys/module/kvm_intel", "/sys/module/kvm_amd"];

/** Of this machine, for x86-64. `root` is where `/dev` and `/sys` lie. */
export function accelerator(root = ""): Accelerator {
  if (!HARDWARE.some((module) => existsSync(root + module))) return TCG;
  try {
    accessSync(root + DEVICE, constants.R_OK | constants.W_OK);
    return KVM;
  } catch {
    return TCG;
  }
}
