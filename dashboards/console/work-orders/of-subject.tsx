import { useState } from "react";
import { Link, useLocation } from "wouter";
import { useWords } from "../text/language.tsx";
import { NewOrderDialog } from "./new-order.tsx";
import { useOrdersOfAlarm } from "./use-orders.ts";
import { ORDER_WORDS } from "./words.ts";

/** On an alarm's page: the orders it led to, and a way to register one. */
export default function OrdersOfAlarm({ alarm, title }: { readonly alarm: string; readonly title: string }) {
  const words = useWords(ORDER_WORDS);
  const { data } = useOrdersOfAlarm(alarm);
  return (
    <section>
      <h3>{words.ofAlarm}</h3>
      <ul className="plain-list">
        {data?.orders.map(({ number, title: what, state }) => (
          <li key={number}>
            <Link href={`/work-orders?state=all&order=${number}`}>
              {words.number(number)} · {what}
            </Link>{" "}
            <span className="quiet">{words.state[state]}</span>
          </li>
        ))}
      </ul>
      <NewOrderButton about={{ alarm, title }} label={words.createFromAlarm} />
    </section>
  );
}

/** On a device's page. */
export function OrderOfDevice({ device, title }: { readonly device: string; readonly title: string }) {
  const words = useWords(ORDER_WORDS);
  return <NewOrderButton about={{ device, title }} label={words.createFromDevice} />;
}

function NewOrderButton({
  about,
  label,
}: {
  readonly about: { readonly alarm?: string; readonly device?: string; readonly title: string };
  readonly label: string;
}) {
  const [open, setOpen] = useState(false);
  const [, navigate] = useLocation();
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        {label}
      </button>
      {open && (
        <NewOrderDialog
          about={about}
          onClose={() => setOpen(false)}
          onCreated={({ number }) => navigate(`/work-orders?order=${number}`)}
        />
      )}
    </>
  );
}
