import { useState } from "react";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { Segmented } from "../controls/segmented.tsx";
import { Select } from "../controls/select.tsx";
import { useShortcuts } from "../controls/shortcuts.ts";
import { useSite } from "../live/live.tsx";
import { Icon } from "../shell/icons.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { OrderDetail } from "./detail.tsx";
import { OrderTable } from "./list.tsx";
import { NewOrderDialog } from "./new-order.tsx";
import { useOrders } from "./use-orders.ts";
import { ORDER_WORDS } from "./words.ts";
import "../devices/devices.css";
import "./work-orders.css";

/** Hazards and faults, who mends them by when, and who found them mended. */
export default function WorkOrdersPage() {
  const { t, local } = useSpeech();
  const words = useWords(ORDER_WORDS);
  const site = useSite();
  const { params, change } = useAddress();
  const [creating, setCreating] = useState(false);
  const state = params.get("state") === "all" ? "all" : "open";
  const scope = params.get("scope") ?? "";
  const query = useOrders({ scope, state });
  const orders = query.data?.pages.flatMap((page) => page.orders) ?? [];
  const counts = query.data?.pages[0]?.counts;
  const selected = Number(params.get("order") ?? 0);
  const select = (order: string): void => change({ order });
  useShortcuts({ Escape: () => select("") });
  const city = site?.city.code ?? "";
  const places = (site?.counties ?? []).flatMap((county) => [
    { value: `${city}/${county.code}`, title: local(county.title) },
    ...county.campuses.map(({ id, title }) => ({
      value: `${city}/${county.code}/${id}`,
      title: local(title),
    })),
  ]);
  return (
    <div className="devices orders" data-selected={selected !== 0}>
      <search className="toolbar" aria-label={t.alarms.filters}>
        <h1 className="visually-hidden">{words.title}</h1>
        <Segmented
          label={words.show}
          options={[
            { value: "open", title: words.open },
            { value: "all", title: words.all },
          ]}
          value={state}
          onChange={(next) => change({ state: next === "all" ? next : "", order: "" })}
        />
        <Select
          label={words.place}
          value={scope}
          options={[{ value: "", title: t.alarms.allCampuses }, ...places]}
          onChange={(next) => change({ scope: next, order: "" })}
        />
        {counts !== undefined && (
          <span className="order-counts" role="status">
            {words.counts(counts.open, counts.overdue, counts.toVerify)}
          </span>
        )}
        <span className="count no-print">
          <button type="button" className="button" onClick={() => window.print()}>
            {words.print}
          </button>{" "}
          <button type="button" className="button" data-primary onClick={() => setCreating(true)}>
            {words.create}
          </button>
        </span>
      </search>
      <div className="devices-list orders-list">
        {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <p className="quiet-note">{t.loading}</p>}
        {query.isSuccess && orders.length === 0 && (
          <p className="empty">
            <strong>{state === "open" ? words.emptyTitle : words.emptyAllTitle}</strong>
            <span>{words.emptyHint}</span>
          </p>
        )}
        {orders.length > 0 && (
          <OrderTable orders={orders} selected={selected} onSelect={(each) => select(String(each))} />
        )}
        {query.hasNextPage && (
          <button
            type="button"
            className="button no-print"
            disabled={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {words.more}
          </button>
        )}
      </div>
      {selected === 0 ? (
        <aside className="detail detail-empty">
          <p>{words.choose}</p>
        </aside>
      ) : (
        <section className="detail" aria-label={words.detailLabel}>
          <button type="button" className="back-button" onClick={() => select("")}>
            <Icon name="back" />
            {t.back}
          </button>
          <OrderDetail key={selected} number={selected} />
        </section>
      )}
      {creating && (
        <NewOrderDialog
          about={{}}
          onClose={() => setCreating(false)}
          onCreated={({ number }) => {
            setCreating(false);
            select(String(number));
          }}
        />
      )}
    </div>
  );
}
