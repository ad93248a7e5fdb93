import { type DeviceTarget, DriverError } from "../driver.ts";

/** The decoded parts of an MQTT address's path, which must be so many at least. Throws `unsupported`. */
export function sourcePath({ url }: DeviceTarget, example: string, parts: number): readonly string[] {
  const path = url.pathname
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
  // A wildcard would listen to other people's devices.
  const isPlain = path.every((part) => !/[+#]/.test(part));
  if ((url.protocol === "mqtt:" || url.protocol === "mqtts:") && path.length >= parts && isPlain) return path;
  throw new DriverError(
    "unsupported",
    `${url.href} is no address of such a device; it must read ${example}`,
    {
      retry: false,
    },
  );
}
