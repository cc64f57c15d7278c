import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { promises } from "@/api/queries";
import type { PromiseState, Promises } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { When } from "@/ui/When";
import { Button, Segmented } from "@/ui/controls";
import { ErrorState, Skeleton } from "@/ui/states";

const STATES: readonly PromiseState[] = ["pending", "broken", "kept"];
/** How many are shown at a time; the counts are of all. */
const SHOWN = 20;

/** What callers were promised, and whether it was kept. */
export function Promised() {
  const { business } = useCurrent();
  const found = useQuery(promises(business.id));
  const [state, setState] = useState<PromiseState>("pending");
  return (
    <section className="part" aria-labelledby="promises-heading">
      <h2 id="promises-heading">{t.notifications.promises}</h2>
      <p className="quiet">{t.notifications.promisesAbout}</p>
      {found.data ? (
        <>
          <div>
            <Segmented
              label={t.notifications.promises}
              value={state}
              options={STATES.map((one) => ({
                value: one,
                label: t.notifications.promiseTab(t.notifications.promise[one], found.data[one]),
              }))}
              onChange={setState}
            />
          </div>
          <List key={state} items={found.data.items.filter((one) => one.state === state)} state={state} />
        </>
      ) : found.isError ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <Skeleton height={80} />
      )}
    </section>
  );
}

function List({ items, state }: { items: Promises["items"]; state: PromiseState }) {
  const { business } = useCurrent();
  const [shown, setShown] = useState(SHOWN);
  if (items.length === 0) return <p>{t.notifications.promiseNone[state]}</p>;
  // What is due first is the most urgent; of what is over the newest tells the most.
  const ordered = state === "pending" ? items : items.toReversed();
  return (
    <>
      <ul className="notices-promises">
        {ordered.slice(0, shown).map((one) => (
          <li key={one.id}>
            <p>{one.sentence}</p>
            <p className="quiet">
              {one.due_at && (
                <span>
                  {t.notifications.promiseUntil} <When at={one.due_at} form="weekday" />
                </span>
              )}
              {one.done_at && (
                <span>
                  {t.notifications.promiseDone} <When at={one.done_at} />
                </span>
              )}
              {one.call_id && (
                <Link to="/b/$business/calls" params={{ business: business.id }} search={{ call: one.call_id }}>
                  {t.notifications.promiseOpen}
                  <span className="hidden-visually"> {one.national}</span>
                </Link>
              )}
            </p>
          </li>
        ))}
      </ul>
      {ordered.length > shown && (
        <div>
          <Button look="link" onClick={() => setShown(shown + SHOWN)}>
            {t.notifications.promiseMore(Math.min(SHOWN, ordered.length - shown))}
          </Button>
        </div>
      )}
    </>
  );
}
