/** What a person types while devices are simulated: the physical world, moved by words. */
import { SIMULATED_FAULTS, type SimulatedFault } from "@campus-ops/device-profiles/simulator";
import type { Language, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { NotInTheWorldError, type World } from "../../simulators/world.ts";

export const CONSOLE_HELP: Readonly<Record<Language, string>> = {
  zh: `list                              所有设备、地址与故障
faults <设备>                     能演哪些故障
fault <设备> <故障>               制造故障，例如 fault gate-1 down
mend <设备>                       恢复
set <设备> <量> <值>              改变读数，例如 set room-1 Environment/Temperature 60
get <设备> <量>
raise <设备> <事件> [字段=值 …]   例如 raise gate-1 Access/Swipe credential=04a1b2c3 result=refused
quit`,
  en: `list                               all devices, their addresses and faults
faults <device>                    what it can play
fault <device> <fault>             break it, for example: fault gate-1 down
mend <device>
set <device> <metric> <value>      for example: set room-1 Environment/Temperature 60
get <device> <metric>
raise <device> <event> [field=value …]
quit`,
};

/** Carries a line out; what to print, or undefined to end. Never throws for what a person mistypes. */
export async function obey(line: string, world: World, language: Language): Promise<string | undefined> {
  const [verb = "", device = "", name = "", ...rest] = line.trim().split(/\s+/);
  try {
    switch (verb) {
      case "":
        return "";
      case "list":
        return world
          .list()
          .map(({ fault, key, profile, url }) => `${key}  ${profile}  ${url}  ${fault ?? "–"}`)
          .join("\n");
      case "faults":
        return world
          .faults(device)
          .map((fault) => `${fault}: ${SIMULATED_FAULTS[fault]}`)
          .join("\n");
      case "fault":
        await world.apply({ do: "fault", device, fault: faultNamed(name) });
        return `${device}: ${name}`;
      case "mend":
        await world.apply({ do: "fault", device, fault: null });
        return `${device}: –`;
      case "set": {
        const value = typedValue(rest.join(" "));
        await world.apply({ do: "set", device, metric: name, value });
        return `${device} ${name} = ${say(world.get(device, name))}`;
      }
      case "get":
        return `${device} ${name} = ${say(world.get(device, name))}`;
      case "raise":
        await world.apply({ do: "raise", device, event: name, fields: fieldsOf(rest) });
        return `${device}: ${name}`;
      case "quit":
      case "exit":
        return undefined;
      default:
        return CONSOLE_HELP[language];
    }
  } catch (error) {
    if (error instanceof NotInTheWorldError || error instanceof RangeError) return error.message;
    // A value that the profile cannot lay out: its message says why.
    if (error instanceof Error) return `${error.name}: ${error.message}`;
    throw error;
  }
}

function faultNamed(name: string): SimulatedFault {
  if (Object.hasOwn(SIMULATED_FAULTS, name)) return name as SimulatedFault;
  throw new RangeError(`there is no fault ${JSON.stringify(name)}; see: faults <device>`);
}

/** `true`, `21.5`, `null`; anything else is a text, and so is what stands in quotes. */
export function typedValue(text: string): SampleValue {
  const [, quoted] = /^"(.*)"$/.exec(text) ?? [];
  if (quoted !== undefined) return quoted;
  if (text === "true" || text === "false") return text === "true";
  if (text === "null" || text === "") return null;
  return /^-?[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : text;
}

function fieldsOf(words: readonly string[]): Readonly<Record<string, SampleValue>> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf("=");
      if (at < 1) throw new RangeError(`${JSON.stringify(word)} is not field=value`);
      const [name, text] = [word.slice(0, at), word.slice(at + 1)];
      // A card's number is a text, however it looks.
      return [name, name === "credential" ? text : typedValue(text)];
    }),
  );
}

const say = (value: SampleValue): string =>
  typeof value === "bigint" ? value.toString() : JSON.stringify(value);
