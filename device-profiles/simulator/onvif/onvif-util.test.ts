/** Debian's onvif-tools as the client of our camera: it finds it, logs in, and reads it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ANSWER_MS_MAX = 15_000;
/** Multicast stays in a network of its own; nothing leaves the machine, and nothing of it is found. */
const NETWORK = "ip link set lo up && ip route add 239.0.0.0/8 dev lo";

test("onvif-util finds it, logs in, and reads its serial number, its clock and its profiles", async () => {
  const script = new URL("./testing/found-by-onvif-util.ts", import.meta.url).pathname;
  const command = `${NETWORK} && exec "$0" "$1"`;
  const { stdout } = await promisify(execFile)(
    "unshare",
    ["--user", "--map-root-user", "--net", "sh", "-c", command, process.execPath, script],
    { timeout: ANSWER_MS_MAX },
  );
  expect(stdout).toContain("successfully connected to host");
  expect(stdout).toContain("serial: 20230912345678901234");
  expect(stdout).toMatch(/Time Offset: -?[01] seconds/);
  expect(stdout).toContain("Token 0: 1.0");
});
