import type { DeviceView } from "@campus-ops/ingest/api";
import type { AlarmView } from "@campus-ops/rules/api";
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import type { PlanPin, PlanView } from "../../api/api.ts";
import { isActive } from "../alarms/lifecycle.ts";
import { PriorityBadge } from "../alarms/priority.tsx";
import { useAlarms, useInventory } from "../live/live.tsx";
import { Icon } from "../shell/icons.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { keyed, placed } from "./pins.ts";
import { pictureOf } from "./use-plans.ts";
import { PLAN_WORDS } from "./words.ts";
import "./plans.css";

interface Props {
  readonly plan: PlanView;
  readonly pins: readonly PlanPin[];
  /** The device that the page is about. */
  readonly highlighted?: string;
  readonly onOpen?: (device: string) => void;
  /** Present while devices are being placed. */
  readonly onPlace?: (pins: readonly PlanPin[]) => void;
}

/** The plan with its devices as they are now. */
export function PlanPicture({ plan, pins, highlighted, onOpen, onPlace }: Props) {
  const words = useWords(PLAN_WORDS);
  const { inventory } = useInventory();
  const { alarms } = useAlarms();
  const frame = useRef<HTMLDivElement>(null);
  const active = [...alarms.values()].filter(isActive);

  const drag = (event: PointerEvent, device: string): void => {
    const box = frame.current?.getBoundingClientRect();
    if (onPlace === undefined || box === undefined || event.buttons === 0) return;
    onPlace(
      placed(pins, device, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height),
    );
  };
  const press = (event: KeyboardEvent, device: string): void => {
    if (onPlace === undefined) return;
    const moved = keyed(pins, device, event.key, event.shiftKey);
    if (moved === pins) return;
    event.preventDefault();
    onPlace(moved);
  };
  return (
    <div className="plan-frame" ref={frame} data-editing={onPlace !== undefined}>
      <img src={pictureOf(plan)} alt={words.picture(plan.title)} draggable={false} />
      {/* In an order of its own: a pin that is dragged must not lose the pointer to another's place in the list. */}
      {pins
        .toSorted((a, b) => (a.device < b.device ? -1 : 1))
        .map((pin) => (
          <Pin
            key={pin.device}
            pin={pin}
            device={inventory.devices.get(pin.device)}
            alarms={active.filter(({ device }) => device.key === pin.device)}
            highlighted={pin.device === highlighted}
            onClick={() => onOpen?.(pin.device)}
            onDrag={(event) => drag(event, pin.device)}
            onKey={(event) => press(event, pin.device)}
          />
        ))}
    </div>
  );
}

function Pin(props: {
  readonly pin: PlanPin;
  readonly device: DeviceView | undefined;
  readonly alarms: readonly AlarmView[];
  readonly highlighted: boolean;
  readonly onClick: () => void;
  readonly onDrag: (event: PointerEvent) => void;
  readonly onKey: (event: KeyboardEvent) => void;
}) {
  const { t, local } = useSpeech();
  const words = useWords(PLAN_WORDS);
  const { pin, device, alarms } = props;
  const [worst] = alarms.toSorted((a, b) => a.priority - b.priority);
  const name = device === undefined ? pin.device : local(device.title);
  const health = device === undefined ? words.gone : t.health[device.health];
  const state =
    worst === undefined ? health : `${words.alarms(alarms.length)}, ${t.priority[worst.priority]}`;
  return (
    <button
      type="button"
      className="plan-pin"
      data-health={device?.health ?? "gone"}
      data-highlighted={props.highlighted}
      // Set by the style's own interface: an attribute would ask for inline styles, which our policy does not allow.
      ref={(element) => {
        element?.style.setProperty("left", `${pin.x * 100}%`);
        element?.style.setProperty("top", `${pin.y * 100}%`);
      }}
      title={words.pin(name, state)}
      aria-label={words.pin(name, state)}
      onClick={props.onClick}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={props.onDrag}
      onKeyDown={props.onKey}
    >
      {worst === undefined ? (
        <Icon name={device?.health ?? "stale"} />
      ) : (
        <PriorityBadge priority={worst.priority} />
      )}
    </button>
  );
}
