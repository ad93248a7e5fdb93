/** What every terminal of JT/T 808 can tell, whichever edition it speaks. */
import type { Jt808Profile } from "../jt808-profile.ts";

export const jt808Terminal: Omit<Jt808Profile, "id" | "model" | "title" | "edition" | "sources"> = {
  protocol: "jt808",
  vendor: "generic",
  class: "bus-terminal",
  proven: "vectors",
  pollInterval_ms: 30_000,
  silenceMax_ms: 180_000,
  alarms: {
    "Bus/SOS": [0],
    "Bus/Overspeed": [1],
    "Bus/Fatigue": [2],
    // Not connected, or short-circuited.
    "Bus/AntennaFault": [5, 6],
    "Bus/PowerFault": [8],
    // By a route that was put into the terminal itself.
    "Bus/OffRoute": [23],
  },
  states: {
    "Bus/Ignition": [0],
    "Bus/Positioned": [1],
    // Front, middle, rear: the driver's own door is none for pupils.
    "Bus/DoorOpen": [13, 14, 15],
  },
  items: {
    1: { metric: "Bus/Mileage", bytes: 4, scale: 0.1 },
    2: { metric: "Bus/Fuel", bytes: 2, scale: 0.1 },
  },
};
