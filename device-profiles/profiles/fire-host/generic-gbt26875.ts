import type { Gbt26875Profile } from "../gbt26875-profile.ts";

/** Any fire alarm host behind a user information transmission device of GB/T 26875.3. It is watched, never commanded. */
export const genericGbt26875: Gbt26875Profile = {
  protocol: "gbt26875",
  id: "fire-host/generic-gbt26875",
  vendor: "generic",
  model: "GB/T 26875.3-2011",
  title: {
    zh: "通用火灾报警主机（GB/T 26875.3 传输装置）",
    en: "Any fire alarm host (GB/T 26875.3 transmitter)",
  },
  class: "fire-host",
  proven: "vectors",
  sources: [
    "GB/T 26875.3-2011, 7.1: frame, address, sum; 8.2.1.1: state of a system; 8.2.1.2: state of a component; 8.2.1.3: measurement; 8.2.1.4: operation; 8.2.1.9 to 8.2.1.11: state, operation and version of the transmission device",
  ],
  pollInterval_ms: 30_000,
  silenceMax_ms: 600_000,
  bits: {
    "Fire/Alarm": { system: 1, component: 1, transmitter: 1 },
    "Fire/Fault": { system: 2, component: 2, transmitter: 2 },
    "Fire/Shielded": { system: 3, component: 3 },
    "Fire/Supervisory": { system: 4, component: 4 },
    "Fire/Started": { system: 5, component: 5 },
    "Fire/MainPowerFault": { system: 8, transmitter: 3 },
    "Fire/BackupPowerFault": { system: 9, transmitter: 4 },
    "Fire/Manual": { system: 11 },
  },
};
