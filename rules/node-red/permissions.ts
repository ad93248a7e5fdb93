/** What the flows' process may touch, as arguments of Node: its own folder, and the code it runs. No other program. */
import { join } from "node:path";

export interface FlowPlaces {
  /** The installation. */
  readonly root: string;
  readonly data: string;
  readonly run: string;
  readonly config: string;
  readonly tokenFile?: string;
}

export function permissions({ root, data, run, config, tokenFile }: FlowPlaces): readonly string[] {
  const own = flowsFolder(data);
  const read = [root, own, run, config, ...(tokenFile === undefined ? [] : [tokenFile])];
  return [
    "--permission",
    ...read.map((path) => `--allow-fs-read=${path}`),
    ...[own, run].map((path) => `--allow-fs-write=${path}`),
  ];
}

/** Has to be there before the process starts: what does not exist cannot be permitted as a folder. */
export const flowsFolder = (data: string): string => join(data, "node-red");
