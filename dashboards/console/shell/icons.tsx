/** Line icons, 24 × 24, drawn in the colour of the text around them. They never stand without a word or a label. */
const PATHS = {
  alarms: "M12 3a6 6 0 0 0-6 6v5l-2 3h16l-2-3V9a6 6 0 0 0-6-6zM10 20a2 2 0 0 0 4 0",
  devices: "M4 5h16v10H4zM9 20h6M12 15v5",
  campus: "M4 20V10l8-5 8 5v10M2 20h20M10 20v-6h4v6",
  region: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  account: "M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8zM4 21a8 8 0 0 1 16 0",
  settings:
    "M4 7h9M17 7h3M4 17h3M11 17h9M15 5a2 2 0 1 0 0 4a2 2 0 0 0 0-4zM9 15a2 2 0 1 0 0 4a2 2 0 0 0 0-4z",
  sound: "M4 9v6h4l5 4V5L8 9zM16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11",
  muted: "M4 9v6h4l5 4V5L8 9zM16 9.5l5 5M21 9.5l-5 5",
  keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M17 14h.01M7 14h7",
  search: "M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM16 16l5 5",
  back: "M15 5l-7 7 7 7",
  chevron: "M9 5l7 7-7 7",
  working: "M5 12.5l4.5 4.5L19 7.5",
  faulty: "M12 4v10M12 18.5v.5",
  unreachable: "M6 6l12 12M18 6L6 18",
  stale: "M8.5 9a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.2-1.5 2.3M12 18.5v.5",
  retired: "M5 12h14",
  sun: "M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5 19 19M5 19l1.5-1.5M17.5 6.5 19 5",
  moon: "M19 14a8 8 0 0 1-9.5-9.5A8 8 0 1 0 19 14z",
} as const;

export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
