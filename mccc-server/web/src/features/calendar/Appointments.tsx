import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CalendarOff, CalendarPlus, CalendarX, Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { api, ofBusiness } from "@/api/client";
import { type AppointmentQuery, appointments as appointmentsQuery, blockedTimes as blockedQuery } from "@/api/queries";
import type { Appointment, BlockedTime } from "@/api/types";
import { useCurrent, useNow } from "@/lib/business";
import { clock, dayLabel } from "@/lib/format";
import { addDays, dayOf, instantOf } from "@/lib/zone";
import { t } from "@/strings";
import { Button, Segmented } from "@/ui/controls";
import { Banner, Empty, ErrorState, Skeleton, sentenceOf } from "@/ui/states";
import { toast } from "@/ui/toast";
import { StatusPill } from "./StatusPill";

const VIEWS = ["ahead", "past", "off"] as const;
type View = (typeof VIEWS)[number];

/** How many days back the list goes. */
const BACK = 60;
/** The most that the server gives at once. */
const MOST = 200;

/** Appointments and time without any, as lists. */
export function Appointments(props: { onOpen: (id: string) => void; onBook: () => void }) {
  const { business, zone } = useCurrent();
  const now = useNow();
  const [view, setView] = useState<View>("ahead");
  const today = dayOf(zone, now);
  const query = useMemo<AppointmentQuery>(() => {
    const iso = (day: string) => new Date(instantOf(zone, day, "00:00") ?? 0).toISOString();
    const back = iso(addDays(today, -BACK));
    switch (view) {
      case "ahead":
        return { from: iso(today), status: "held,scheduled,confirmed", limit: MOST };
      case "past":
        return {
          from: back,
          until: iso(addDays(today, 1)),
          status: "scheduled,confirmed,completed,no_show",
          limit: MOST,
        };
      case "off":
        return { from: back, status: "cancelled,rescheduled", limit: MOST };
    }
  }, [view, today, zone]);
  const found = useQuery(appointmentsQuery(business.id, query));
  const rows = useMemo(() => {
    const all = found.data?.items ?? [];
    if (view === "ahead") return all.filter((row) => Date.parse(row.ends_at) > now);
    const past = view === "past" ? all.filter((row) => Date.parse(row.ends_at) <= now) : all;
    return [...past].reverse();
  }, [found.data, view, now]);

  return (
    <div className="cal-lists">
      <section className="part" aria-labelledby="appointments-heading">
        <div className="part-head">
          <h2 id="appointments-heading">{t.calendar.appointments}</h2>
          <Segmented
            label={t.calendar.which}
            value={view}
            options={VIEWS.map((value) => ({ value, label: t.calendar.views[value] }))}
            onChange={setView}
          />
        </div>
        {found.isPending ? (
          <div aria-busy="true" className="cal-skeletons">
            {[1, 2, 3].map((one) => (
              <Skeleton key={one} height={56} />
            ))}
          </div>
        ) : found.isError && !found.data ? (
          <ErrorState error={found.error} onRetry={() => void found.refetch()} />
        ) : rows.length === 0 ? (
          <Empty
            icon={CalendarX}
            title={t.calendar.none[view]}
            body={view === "ahead" ? t.calendar.noneBody : undefined}
          >
            {view === "ahead" && (
              <Button onClick={props.onBook}>
                <CalendarPlus size={16} aria-hidden="true" />
                {t.calendar.book}
              </Button>
            )}
          </Empty>
        ) : (
          <>
            <List rows={rows} onOpen={props.onOpen} />
            {found.data?.next_cursor && <p className="quiet">{t.calendar.onlyFirst(MOST)}</p>}
          </>
        )}
      </section>
      <Blocked />
    </div>
  );
}

function List({ rows, onOpen }: { rows: readonly Appointment[]; onOpen: (id: string) => void }) {
  const { zone } = useCurrent();
  const byDay = new Map<string, Appointment[]>();
  for (const row of rows) {
    const day = dayOf(zone, Date.parse(row.scheduled_at));
    byDay.set(day, [...(byDay.get(day) ?? []), row]);
  }
  return (
    <ul className="cal-days">
      {[...byDay].map(([day, some]) => (
        <li key={day}>
          <h3 className="cal-day-head">{dayLabel(day)}</h3>
          <ul>
            {some.map((row) => (
              <li key={row.id}>
                <button type="button" className="cal-row" onClick={() => onOpen(row.id)}>
                  <span className="cal-row-time">{clock(zone, Date.parse(row.scheduled_at))}</span>
                  <span className="cal-row-who">
                    <span className="cal-row-name">{row.customer_name}</span>
                    <span className="quiet">
                      {t.list([row.service_type, row.location].filter((one): one is string => !!one)) ||
                        (row.customer_phone_national ?? t.calendar.noPhone)}
                    </span>
                  </span>
                  <StatusPill status={row.status} />
                </button>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

function Blocked() {
  const { business, zone } = useCurrent();
  const client = useQueryClient();
  const now = useNow();
  const [from, until] = useMemo(() => {
    const iso = (day: string) => new Date(instantOf(zone, day, "00:00") ?? 0).toISOString();
    const today = dayOf(zone, now);
    return [iso(today), iso(addDays(today, 365))];
  }, [zone, now]);
  const found = useQuery(blockedQuery(business.id, from, until));
  const remove = useMutation({
    mutationFn: (time: BlockedTime) =>
      api.delete(ofBusiness(business.id, `/blocked-times/${encodeURIComponent(time.id)}`)),
    onSuccess: () => {
      for (const what of ["week", "blocked"]) void client.invalidateQueries({ queryKey: [what, business.id] });
      toast(t.calendar.unblocked);
    },
  });
  const times = found.data?.items ?? [];
  return (
    <section className="part" aria-labelledby="blocked-heading">
      <h2 id="blocked-heading">{t.calendar.blocked}</h2>
      {found.isError && !found.data ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : times.length === 0 ? (
        <p className="quiet">{t.calendar.noBlocked}</p>
      ) : (
        <ul className="cal-blocked">
          {times.map((time) => (
            <li key={time.id}>
              <CalendarOff size={16} aria-hidden="true" />
              <span>
                {time.title}
                <span className="quiet">{spanOf(time)}</span>
              </span>
              <Button
                look="quiet"
                iconOnly
                aria-label={t.calendar.unblockNamed(time.title)}
                busy={remove.isPending && remove.variables.id === time.id}
                onClick={() => remove.mutate(time)}
              >
                <Trash2 size={16} aria-hidden="true" />
              </Button>
            </li>
          ))}
        </ul>
      )}
      {remove.isError && <Banner tone="problem">{sentenceOf(remove.error)}</Banner>}
    </section>
  );

  function spanOf(time: BlockedTime): string {
    if (time.first_day && time.last_day) {
      return time.first_day === time.last_day
        ? dayLabel(time.first_day)
        : t.span(dayLabel(time.first_day), dayLabel(time.last_day));
    }
    const [start, end] = [Date.parse(time.start), Date.parse(time.end)];
    return t.dateAt(dayLabel(dayOf(zone, start)), t.span(clock(zone, start), clock(zone, end)));
  }
}
