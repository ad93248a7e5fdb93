/** The manifest of a RAUC bundle: an INI file, of which a hub needs two lines of `[update]` and those of `[bundle]`. Pure. */

export interface BundleManifest {
  readonly compatible: string;
  readonly version: string;
  /** Of dm-verity, hex; the tree's size in bytes. */
  readonly verity: { readonly hash: string; readonly salt: string; readonly size: number };
}

/** Undefined for what is no manifest of a bundle of format `verity`. */
export function parseManifest(text: string): BundleManifest | undefined {
  const values = new Map<string, string>();
  let section = "";
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\[([^\]]+)\]\s*$/.exec(line);
    if (heading !== null) section = heading[1] ?? "";
    const pair = /^([a-z-]+)=(.*)$/.exec(line);
    if (pair !== null) values.set(`${section}.${pair[1]}`, pair[2]?.trim() ?? "");
  }
  const said = (name: string, pattern: RegExp): string | undefined => {
    const value = values.get(name);
    return value !== undefined && pattern.test(value) ? value : undefined;
  };
  const compatible = said("update.compatible", /^[\w.-]{1,100}$/);
  const version = said("update.version", /^[\w.+~-]{1,100}$/);
  const hash = said("bundle.verity-hash", /^[0-9a-f]{64}$/);
  const salt = said("bundle.verity-salt", /^[0-9a-f]{64}$/);
  const size = said("bundle.verity-size", /^\d{1,12}$/);
  if (said("bundle.format", /^verity$/) === undefined) return undefined;
  if ([compatible, version, hash, salt, size].includes(undefined)) return undefined;
  return {
    compatible: compatible ?? "",
    version: version ?? "",
    verity: { hash: hash ?? "", salt: salt ?? "", size: Number(size) },
  };
}
