/** Points as line protocol (docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference). */
import { campusOf, seriesParts } from "../../core/series-name.ts";
import type { Point } from "../store.ts";

/** Series whose beginning of a line is remembered; beyond it all are forgotten and made again as they come. */
const SERIES_REMEMBERED_MAX = 500_000;

/** Makes lines of points: measurement and tags of each series are escaped once. Times are milliseconds. */
export class LineWriter {
  readonly #beginnings = new Map<string, Map<string, string>>();
  #count = 0;

  line({ device, metric, time, value }: Point): string {
    let devices = this.#beginnings.get(metric);
    if (devices === undefined) {
      devices = new Map();
      this.#beginnings.set(metric, devices);
    }
    let beginning = devices.get(device);
    if (beginning === undefined) {
      beginning = beginningOf(metric, device);
      if (this.#count >= SERIES_REMEMBERED_MAX) {
        this.#beginnings.clear();
        this.#count = 0;
        devices = new Map();
        this.#beginnings.set(metric, devices);
      }
      this.#count += 1;
      devices.set(device, beginning);
    }
    return `${beginning}${value} ${time}`;
  }
}

function beginningOf(metric: string, device: string): string {
  const { name, instance } = seriesParts(metric);
  // Tags in order of their names: the server need not sort them.
  const tags = [
    `campus=${escapeTag(campusOf(device))}`,
    `device=${escapeTag(device)}`,
    ...(instance === undefined ? [] : [`instance=${escapeTag(instance)}`]),
  ];
  return `${escapeMeasurement(name)},${tags.join(",")} value=`;
}

const escapeMeasurement = (text: string): string => text.replaceAll(/[, ]/g, "\\$&");
const escapeTag = (text: string): string => text.replaceAll(/[, =]/g, "\\$&");
