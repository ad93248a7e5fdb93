import { useEffect, useEffectEvent } from "react";
import { usePreference } from "../shell/preferences.ts";

export type Shortcuts = Readonly<Record<string, () => void>>;

/**
 * Single keys that act on the page. They keep quiet while somebody types, while a dialog is open, with modifier keys,
 * and when turned off in the help dialog (WCAG 2.2, 2.1.4). Keys are named as KeyboardEvent.key gives them; letters in
 * lower case.
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  const [preference] = usePreference("shortcuts");
  const pressed = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isWanted(event) || document.querySelector("dialog[open]") !== null) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = Object.hasOwn(shortcuts, key) ? shortcuts[key] : undefined;
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
  useEffect(() => {
    if (preference === "off") return;
    const listener = (event: KeyboardEvent): void => pressed(event);
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, [preference]);
}

/** Whether the control that has the focus needs the key itself. */
function isWanted({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches("input[type=radio]")) return key.startsWith("Arrow");
  if (target.matches("button, a") && key === "Enter") return true;
  return target.matches("input:not([type=checkbox]), textarea, select");
}
