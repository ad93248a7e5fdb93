import type { Jt808Profile } from "../jt808-profile.ts";
import { genericJt8082019 } from "./generic-jt808-2019.ts";

/**
 * A terminal with a card reader at the door or a counter of people, which tells how many are aboard in an item of its own:
 * JT/T 808 leaves E1 to FF to makers. A profile that extends this one says which item a maker took.
 */
export const genericJt8082019Counting: Jt808Profile = {
  ...genericJt8082019,
  id: "bus-terminal/generic-jt808-2019-counting",
  model: "JT/T 808-2019, people aboard in item E1",
  title: {
    zh: "通用校车终端（JT/T 808-2019，自定义项 E1 为车上人数）",
    en: "Any bus terminal of JT/T 808-2019 that tells people aboard in item E1",
  },
  items: { ...genericJt8082019.items, 225: { metric: "Bus/Aboard", bytes: 1, scale: 1 } },
  sources: [
    ...genericJt8082019.sources,
    "the item E1 is of our own: JT/T 808-2019 reserves E1 to FF for makers",
  ],
};
