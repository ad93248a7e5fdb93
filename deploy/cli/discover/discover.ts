/** `campus-ops discover`: looks for devices where a person says, and writes what an edge agent needs to watch them. */
import { PROFILES } from "@campus-ops/device-profiles/profiles";
import type { Language } from "@campus-ops/device-profiles/vocabulary";
import { InvalidRangeError, parseAddresses } from "@campus-ops/edge-agent/core/address-range";
import { DISCOVERY_PROTOCOLS, type DiscoveryProtocol, discover } from "@campus-ops/edge-agent/discovery";
import { matchProfiles } from "@campus-ops/edge-agent/profile-match";
import { OperatorError, readSecretFile } from "@campus-ops/service";
import { addToConfiguration, type FoundDevice, formatStanzas, percent } from "./stanza.ts";

export const RATE_PER_S_USUAL = 20;
export const TIMEOUT_MS_USUAL = 2_000;
const COMMUNITY_USUAL = "public";
const UNITS_MAX = 247;

export const DISCOVER_HELP = `campus-ops discover --range <addresses> …

  --range 10.0.0.0/24,10.0.1.5-20   only these addresses are asked, and only their answers count
  --protocols onvif,snmp,modbus,pjlink,mdns   all of them unless said
  --rate 20              addresses asked per second
  --timeout 2000         milliseconds that one answer may take
  --interface 10.0.0.9   also ask all of the network of this local address (ONVIF, mDNS, PJLink)
  --community-file FILE  SNMP community to try, a file of mode 0600; may be given several times; public unless said
  --units 1-10           Modbus units to ask at each address; 1 unless said
  --ports modbus=1502    other ports than the usual ones
  --write edge.yaml      add what was found to an edge agent's configuration
  --json                 for programs
  --lang zh|en`;

/** As they stand on the command line. */
export interface DiscoverOptions {
  readonly range?: string | undefined;
  readonly protocols?: string | undefined;
  readonly rate?: string | undefined;
  readonly timeout?: string | undefined;
  readonly interface?: string | undefined;
  readonly "community-file"?: readonly string[] | undefined;
  readonly units?: string | undefined;
  readonly ports?: string | undefined;
  readonly write?: string | undefined;
  readonly json?: boolean | undefined;
}

export interface Output {
  /** For a person or a program: standard output. */
  readonly print: (text: string) => void;
  /** How far the search is: standard error. */
  readonly progress: (text: string) => void;
}

/** Throws {@link OperatorError} for options that make no sense. */
export async function runDiscover(
  options: DiscoverOptions,
  language: Language,
  { print, progress }: Output,
  signal: AbortSignal,
): Promise<void> {
  const found: FoundDevice[] = [];
  const { "community-file": communityFiles = [], interface: from, json = false, write } = options;
  const communities = communityFiles.map(communityIn);
  await discover(
    {
      addresses: addressesIn(options.range),
      protocols: protocolsIn(options.protocols),
      rate_per_s: positive(options.rate, "--rate", RATE_PER_S_USUAL),
      timeout_ms: positive(options.timeout, "--timeout", TIMEOUT_MS_USUAL),
      communities: communities.length === 0 ? [COMMUNITY_USUAL] : communities,
      units: unitsIn(options.units),
      ports: portsIn(options.ports),
      ...(from === undefined ? {} : { interface: from }),
      onFinding: (finding) => {
        const matches = matchProfiles(finding.protocol, finding.facts, PROFILES);
        found.push({ finding, matches });
        if (!json) print(lineOf({ finding, matches }, language));
      },
      onProgress: (done, all) => progress(`${done}/${all}`),
    },
    signal,
  );
  if (json) {
    print(JSON.stringify(found, undefined, 2));
  } else {
    print(summary(found.length, language));
    if (write === undefined && found.length > 0) print(`devices:\n${formatStanzas(found)}`.trimEnd());
  }
  if (write !== undefined) {
    const { added, known } = addToConfiguration(write, found);
    if (!json) print(written(write, added.length, known.length, language));
  }
}

function lineOf({ finding, matches }: FoundDevice, language: Language): string {
  const { facts, url } = finding;
  const name = [facts.name, facts.vendor, facts.model].filter((each) => each !== undefined).join(" ");
  const [best] = matches;
  const none = language === "zh" ? "没有合适的设备模型" : "no profile for it";
  const fits = best === undefined ? none : `${best.profile} ${percent(best)}（${best.why[language]}）`;
  return `${url}  ${name === "" ? "–" : name}  ${fits}`;
}

function summary(count: number, language: Language): string {
  return language === "zh" ? `共发现 ${count} 个。` : `${count} found.`;
}

function written(file: string, added: number, known: number, language: Language): string {
  return language === "zh"
    ? `已写入 ${file}：新增 ${added} 个，已有 ${known} 个。请改正位置与名称，到现场核对后用 campus-ops confirm 确认。`
    : `${file}: ${added} added, ${known} were there. Correct places and titles, look at the devices, then campus-ops confirm.`;
}

function addressesIn(range: string | undefined): readonly string[] {
  if (range === undefined) {
    throw new OperatorError("say where to look: --range 10.0.0.0/24, 10.0.0.5-20 or several with commas");
  }
  try {
    return parseAddresses(range);
  } catch (error) {
    if (!(error instanceof InvalidRangeError)) throw error;
    throw new OperatorError(`--range: ${error.message}`);
  }
}

function protocolsIn(text: string | undefined): readonly DiscoveryProtocol[] {
  if (text === undefined) return DISCOVERY_PROTOCOLS;
  return text.split(",").map(protocolIn);
}

function protocolIn(name: string): DiscoveryProtocol {
  const protocol = DISCOVERY_PROTOCOLS.find((each) => each === name.trim());
  if (protocol !== undefined) return protocol;
  throw new OperatorError(`${name} is none of ${DISCOVERY_PROTOCOLS.join(", ")}`);
}

function positive(text: string | undefined, name: string, usual: number): number {
  if (text === undefined) return usual;
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new OperatorError(`${name} is ${JSON.stringify(text)}; it must be a number above 0`);
}

/** `1,3-5` */
function unitsIn(text = "1"): readonly number[] {
  return text.split(",").flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split("-").map(Number);
    if (!(first >= 1 && last >= first && last <= UNITS_MAX)) {
      throw new OperatorError(`--units: ${JSON.stringify(part)} is no unit from 1 to ${UNITS_MAX}`);
    }
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** `modbus=15020,snmp=16161` */
function portsIn(text: string | undefined): Partial<Record<DiscoveryProtocol, number>> {
  if (text === undefined) return {};
  return Object.fromEntries(
    text.split(",").map((part) => {
      const [name = "", port] = part.split("=");
      return [protocolIn(name), positive(port, `--ports ${name}`, 0)];
    }),
  );
}

function communityIn(file: string): string {
  const secret = readSecretFile(file);
  if ("problem" in secret) throw new OperatorError(`--community-file: ${secret.problem}`);
  return secret.text;
}
