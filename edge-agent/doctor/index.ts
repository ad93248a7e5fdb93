/** Looks at everything an edge agent needs, once, before it is started or when something is wrong. */

import { InvalidDocumentError } from "@campus-ops/service/process";
import { type Configuration, loadConfiguration } from "../configuration.ts";
import { checkBroker } from "./broker.ts";
import { checkDevice } from "./device.ts";
import { type CheckResult, text } from "./finding.ts";
import { checkClock, checkDisk, checkNames } from "./machine.ts";
import { checkOwnCertificate } from "./own-certificate.ts";

export type { CheckResult, CheckStatus } from "./finding.ts";

/** A bus is asked in turns anyway; more at once would only make a small box slow. */
export const DEVICES_AT_ONCE = 8;

export interface Examination {
  /** The edge agent's YAML file. */
  readonly file: string;
  readonly dataFolder: string;
  /** `host` or `host:port` of a time server to compare with. */
  readonly ntp: string | undefined;
  /** Told as it is found. */
  readonly onResult: (result: CheckResult) => void;
}

/** Everything that was found, in the order in which it was told. */
export async function examine({
  dataFolder,
  file,
  ntp,
  onResult,
}: Examination): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  const tell = (result: CheckResult): void => {
    results.push(result);
    onResult(result);
  };
  const configuration = readConfiguration(file, tell);
  tell(await checkClock(ntp));
  if (configuration === undefined) return results;
  const { brokers, devices, outbox } = configuration;
  tell(await checkDisk(dataFolder, outbox.maxBytes));
  const urls = [...brokers.map(({ url }) => new URL(url)), ...devices.map(({ target }) => target.url)];
  for (const result of await checkNames(urls.map(({ hostname }) => hostname))) tell(result);
  const own = brokers[0] === undefined ? undefined : checkOwnCertificate(brokers[0]);
  if (own !== undefined) tell(own);
  for (const broker of brokers) for (const result of await checkBroker(broker)) tell(result);
  const waiting = [...devices];
  const worker = async (): Promise<void> => {
    for (let device = waiting.shift(); device !== undefined; device = waiting.shift()) {
      tell(await checkDevice(device));
    }
  };
  await Promise.all(Array.from({ length: DEVICES_AT_ONCE }, worker));
  return results;
}

function readConfiguration(file: string, tell: (result: CheckResult) => void): Configuration | undefined {
  try {
    const configuration = loadConfiguration(file);
    const count = configuration.devices.length;
    const says = text(`正确，${count} 台设备`, `in order, ${count} devices`);
    tell({ check: "configuration", subject: file, status: "ok", says });
    return configuration;
  } catch (error) {
    if (!(error instanceof InvalidDocumentError)) throw error;
    for (const { field, line, message, zh } of error.problems) {
      const where = [line > 0 ? `:${line}` : "", field === "" ? "" : ` ${field}:`].join("");
      const says = text(`${where} ${zh ?? message}`.trim(), `${where} ${message}`.trim());
      tell({ check: "configuration", subject: file, status: "failed", says });
    }
    return undefined;
  }
}
