/**
 * The independent programs that judge ours, and the browser: Debian packages, installed when a program is missing.
 * Tests are never skipped for want of a peer.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";

export interface Peer {
  /** What must be there: a program on the PATH, or an absolute file. */
  readonly needs: string;
  readonly package: string;
}

/** Folders that a user's PATH may lack and Debian installs servers into. */
const FOLDERS = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

export const PEERS: readonly Peer[] = [
  { needs: "chromium", package: "chromium" },
  { needs: "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", package: "fonts-noto-cjk" },
  { needs: "mosquitto", package: "mosquitto" },
  { needs: "mosquitto_pub", package: "mosquitto-clients" },
  { needs: "snmpd", package: "snmpd" },
  { needs: "snmpget", package: "snmp" },
  { needs: "lldpd", package: "lldpd" },
  { needs: "/usr/lib/python3/dist-packages/pymodbus/__init__.py", package: "python3-pymodbus" },
  { needs: "/usr/lib/python3/dist-packages/openpyxl/__init__.py", package: "python3-openpyxl" },
  { needs: "mbpoll", package: "mbpoll" },
  { needs: "socat", package: "socat" },
  { needs: "tshark", package: "tshark" },
  { needs: "onvif-util", package: "onvif-tools" },
  { needs: "ffmpeg", package: "ffmpeg" },
  { needs: "/usr/lib/python3/dist-packages/gi/__init__.py", package: "python3-gi" },
  // Libraries lie in a folder of the machine's architecture; what every package has is its copyright.
  { needs: "/usr/share/doc/gir1.2-gst-rtsp-server-1.0/copyright", package: "gir1.2-gst-rtsp-server-1.0" },
  { needs: "/usr/share/doc/gstreamer1.0-plugins-base/copyright", package: "gstreamer1.0-plugins-base" },
  { needs: "/usr/share/doc/gstreamer1.0-plugins-good/copyright", package: "gstreamer1.0-plugins-good" },
  { needs: "/usr/share/doc/gstreamer1.0-plugins-ugly/copyright", package: "gstreamer1.0-plugins-ugly" },
  { needs: "pcscd", package: "pcscd" },
  { needs: "/usr/share/doc/vsmartcard-vpcd/copyright", package: "vsmartcard-vpcd" },
  { needs: "opensc-tool", package: "opensc" },
  { needs: "openssl", package: "openssl" },
  { needs: "rauc", package: "rauc" },
  { needs: "mksquashfs", package: "squashfs-tools" },
  { needs: "age", package: "age" },
  { needs: "zstd", package: "zstd" },
  { needs: "sftp", package: "openssh-client" },
  { needs: "/usr/sbin/sshd", package: "openssh-server" },
  { needs: "nats-server", package: "nats-server" },
  { needs: "/usr/lib/postgresql/15/bin/postgres", package: "postgresql-15" },
  { needs: "influxd", package: "influxdb" },
  { needs: "victoria-metrics", package: "victoria-metrics" },
  { needs: "mount", package: "mount" },
  { needs: "mkfs.ext4", package: "e2fsprogs" },
  { needs: "ip", package: "iproute2" },
  { needs: "/lib/systemd/systemd", package: "systemd" },
  { needs: "sfdisk", package: "fdisk" },
  { needs: "rauc", package: "rauc" },
  { needs: "mksquashfs", package: "squashfs-tools" },
];

export function missingPeers(peers: readonly Peer[]): readonly Peer[] {
  return peers.filter(({ needs }) => {
    const candidates = needs.startsWith("/") ? [needs] : FOLDERS.map((folder) => join(folder, needs));
    return !candidates.some(exists);
  });
}

/** Installs what is missing. Throws with what to do by hand when it cannot. */
export function installPeers(peers: readonly Peer[] = PEERS): void {
  const missing = missingPeers(peers);
  if (missing.length === 0) return;
  const packages = missing.map((peer) => peer.package);
  console.log(`installing what the tests need and this machine lacks: ${packages.join(" ")}`);
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "--non-interactive"];
  const apt = (...args: string[]): void => {
    const [command = "", ...rest] = [...sudo, "apt-get", ...args];
    const { status, error } = spawnSync(command, rest, {
      // RUNLEVEL=1: a test needs the programs, and nobody wants their services started on the usual ports.
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status === 0) return;
    throw new Error(
      `${command} ${rest.join(" ")} failed (${error?.message ?? `code ${status}`}). On Debian or Ubuntu install them by hand: sudo apt-get install ${packages.join(" ")}`,
    );
  };
  apt("update", "-q");
  apt("install", "-q", "-y", "--no-install-recommends", ...packages);
  const still = missingPeers(missing);
  if (still.length > 0) {
    const names = still.map((peer) => `${peer.needs} (of ${peer.package})`).join(", ");
    throw new Error(`installed, and still not there: ${names}`);
  }
}

function exists(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
