import type { DeviceView } from "@campus-ops/ingest/api";
import { Link } from "wouter";
import { HealthWord } from "../devices/health.tsx";
import { type Branch, descendants, topologyOf } from "../devices/topology.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { FLEET_WORDS } from "./words.ts";

/** What hangs from what: a switch, and under it what goes dark with it. */
export function Topology({ devices }: { readonly devices: readonly DeviceView[] }) {
  return <Branches branches={topologyOf(devices)} />;
}

function Branches({ branches }: { readonly branches: readonly Branch[] }) {
  const { local } = useSpeech();
  const words = useWords(FLEET_WORDS);
  return (
    <ul className="branches">
      {branches.map((branch) => {
        const { device, children } = branch;
        return (
          <li key={device.key}>
            <Link href={`/devices?device=${encodeURIComponent(device.key)}`}>{local(device.title)}</Link>{" "}
            <HealthWord health={device.health} />
            {children.length > 0 && (
              <>
                <span className="quiet"> {words.topologyHint(descendants(branch))}</span>
                <Branches branches={children} />
              </>
            )}
          </li>
        );
      })}
    </ul>
  );
}
