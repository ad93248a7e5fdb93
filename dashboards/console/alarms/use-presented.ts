import { type FocusEvent, type PointerEvent, type UIEvent, useState } from "react";
import { NOTHING_PRESENTED, type Presented, present } from "./list-order.ts";

const SCROLLED_PX = 8;

/** Whether somebody is busy with a part of the page: the pointer or the focus is in it, or it is scrolled. */
export function useHeld() {
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  const [scrolled, setScrolled] = useState(false);
  return {
    held: hovered || focused || scrolled,
    handlers: {
      // A finger leaves nothing hovering behind.
      onPointerEnter: (event: PointerEvent) => setHovered(event.pointerType !== "touch"),
      onPointerLeave: () => setHovered(false),
      onFocus: () => setFocused(true),
      onBlur: (event: FocusEvent) => setFocused(event.currentTarget.contains(event.relatedTarget)),
      onScroll: (event: UIEvent) => setScrolled(event.currentTarget.scrollTop > SCROLLED_PX),
    },
  };
}

/** Keeps what is on the screen in place while it is held; `release` lets everything in that waits. */
export function usePresented(current: readonly string[], held: boolean, newcomers: "wait" | "append") {
  const [presented, setPresented] = useState<Presented>(NOTHING_PRESENTED);
  const next = present(presented, current, held, newcomers);
  if (!same(next.shown, presented.shown) || !same(next.waiting, presented.waiting)) setPresented(next);
  return { presented: next, release: () => setPresented({ shown: current, waiting: [] }) };
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((id, i) => id === b[i]));
