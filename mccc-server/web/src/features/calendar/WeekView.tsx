import { useQuery } from "@tanstack/react-query";
import { Ban, CalendarCheck, CalendarOff, Clock, Expand, Shrink } from "lucide-react";
import { type KeyboardEvent, useCallback, useMemo, useRef, useState } from "react";
import { ApiError } from "@/api/client";
import { appointments as appointmentsQuery, blockedTimes as blockedQuery, freeTimes as freeQuery, week as weekQuery } from "@/api/queries";
import { useCurrent, useNow } from "@/lib/business";
import { clock, dayLabel, hourLabel } from "@/lib/format";
import { addDays, dayOf, instantOf } from "@/lib/zone";
import { t } from "@/strings";
import type { Anchor } from "@/ui/Dialog";
import { Button } from "@/ui/controls";
import { Banner, ErrorState, Skeleton, sentenceOf } from "@/ui/states";
import { WhyNotDialog } from "./WhyNotDialog";
import { type Item, asSentence, daysOf, hoursShown, itemsOf, minuteOn, timesOf } from "./week";

/** Height of an hour; a visit of a quarter of an hour must still be a target. */
const HOUR = 56;
const HOUR_OF_SHORT_VISITS = 104;

interface WeekProps {
  monday: string;
  /** Shows the week of a day. */
  onWeek: (day: string) => void;
  onBook: (at: string) => void;
  onOpen: (appointment: string) => void;
  onSettings: () => void;
}

/** Seven days: what can be booked, what stands there, and the reason for all other time. */
export function WeekView({ monday, onWeek, onBook, onOpen, onSettings }: WeekProps) {
  const { business, zone } = useCurrent();
  const now = useNow();
  const days = useMemo(() => daysOf(monday), [monday]);
  const today = dayOf(zone, now);
  const [picked, setPicked] = useState<string | null>(null);
  const [whole, setWhole] = useState(false);
  const [why, setWhy] = useState<{ item: Item; anchor: Anchor } | null>(null);
  const closeWhy = useCallback(() => setWhy(null), []);

  const [from, until] = useMemo(() => {
    const iso = (day: string) => new Date(instantOf(zone, day, "00:00") ?? 0).toISOString();
    return [iso(monday), iso(addDays(monday, 7))];
  }, [zone, monday]);
  const week = useQuery(weekQuery(business.id, monday));
  // A visit that began on the evening before reaches into the week.
  const early = useMemo(() => new Date(Date.parse(from) - 12 * 3_600_000).toISOString(), [from]);
  const booked = useQuery(appointmentsQuery(business.id, { from: early, until, limit: 200 }));
  const blocked = useQuery(blockedQuery(business.id, from, until));

  const nothing = week.data?.slots.length === 0;
  const free = useQuery({ ...freeQuery(business.id), enabled: nothing });
  const next = nothing ? free.data?.slots[0]?.date : undefined;

  const items = useMemo(
    () => itemsOf(zone, days, week.data, booked.data?.items ?? [], blocked.data?.items ?? []),
    [zone, days, week.data, booked.data, blocked.data],
  );
  const hours = hoursShown(items, whole);
  const hour = (week.data?.duration_minutes ?? 60) <= 20 ? HOUR_OF_SHORT_VISITS : HOUR;
  const day = days.find((one) => one === picked) ?? days.find((one) => one === today) ?? monday;

  if (week.isPending || booked.isPending || blocked.isPending) {
    return (
      <div aria-busy="true">
        <span className="hidden-visually">{t.common.loading}</span>
        <Skeleton height={640} />
      </div>
    );
  }
  const failed = [booked, blocked].find((one) => one.isError && !one.data);
  if (failed) return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />;

  const act = (item: Item, anchor: Anchor) => {
    if (item.kind === "free") onBook(item.start);
    else if (item.kind === "appointment") onOpen(item.appointment.id);
    else setWhy({ item, anchor });
  };
  return (
    <>
      {week.isError && (
        <div className="cal-note">
          <Banner tone="problem" alert actions={<Button onClick={() => void week.refetch()}>{t.common.retry}</Button>}>
            {t.calendar.unreadable(
              week.error instanceof ApiError && week.error.code === "calendar"
                ? week.error.message
                : sentenceOf(week.error),
            )}
          </Banner>
        </div>
      )}
      {nothing && (
        <div className="cal-note">
          <Banner
            actions={next && <Button onClick={() => onWeek(next)}>{t.calendar.nextFree(dayLabel(next))}</Button>}
          >
            {t.calendar.nothingFree}
          </Banner>
        </div>
      )}
      <section className="panel cal-panel" aria-label={t.calendar.week}>
        <div className="cal-legend">
          <ul aria-label={t.calendar.legend}>
            <li>
              <span className="cal-swatch" data-kind="free">
                <CalendarCheck size={13} aria-hidden="true" />
              </span>
              {t.calendar.kind.free}
            </li>
            <li>
              <span className="cal-swatch" data-kind="taken">
                <Ban size={13} aria-hidden="true" />
              </span>
              {t.calendar.kind.taken}
            </li>
            <li>
              <span className="cal-swatch" data-kind="closed">
                <Clock size={13} aria-hidden="true" />
              </span>
              {t.calendar.kind.closed}
            </li>
          </ul>
          <Button look="quiet" aria-pressed={whole} onClick={() => setWhole(!whole)}>
            {whole ? <Shrink size={16} aria-hidden="true" /> : <Expand size={16} aria-hidden="true" />}
            {whole ? t.calendar.workday : t.calendar.wholeDay}
          </Button>
        </div>
        <div className="cal-strip" role="group" aria-label={t.calendar.days}>
          {days.map((one) => (
            <button key={one} type="button" aria-pressed={one === day} onClick={() => setPicked(one)}>
              <span>{t.daysShort[new Date(`${one}T00:00:00Z`).getUTCDay()]}</span>
              <span className="cal-strip-day">{Number(one.slice(8))}</span>
            </button>
          ))}
        </div>
        <Grid
          days={days}
          shown={day}
          items={items}
          hours={hours}
          hour={hour}
          nowMinute={days.includes(today) ? minuteOn(zone, today, now) : null}
          today={today}
          onAct={act}
        />
      </section>
      {why && why.item.kind !== "free" && why.item.kind !== "appointment" && (
        <WhyNotDialog
          item={why.item}
          anchor={why.anchor}
          onClose={closeWhy}
          onBook={(at) => {
            setWhy(null);
            onBook(at);
          }}
          onSettings={onSettings}
        />
      )}
    </>
  );
}

interface GridProps {
  days: readonly string[];
  shown: string;
  items: readonly Item[];
  hours: { from: number; to: number };
  hour: number;
  nowMinute: number | null;
  today: string;
  onAct: (item: Item, anchor: Anchor) => void;
}

function Grid({ days, shown, items, hours, hour, nowMinute, today, onAct }: GridProps) {
  const { zone } = useCurrent();
  const grid = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<Record<string, string>>({});
  const px = (minutes: number) => ((minutes - hours.from * 60) / 60) * hour;
  const height = (hours.to - hours.from) * hour;
  const marks = Array.from({ length: hours.to - hours.from }, (_, index) => hours.from + index);

  // Up and down walk a day, left and right go to the same time of the next.
  const walk = (event: KeyboardEvent<HTMLDivElement>) => {
    const here = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-from]") : null;
    const column = here?.closest<HTMLElement>(".cal-day");
    if (!here || !column) return;
    const inside = (one: Element | undefined) => [...(one?.querySelectorAll<HTMLElement>("[data-from]") ?? [])];
    const columns = [...(grid.current?.querySelectorAll<HTMLElement>(".cal-day") ?? [])].filter(
      (one) => one.offsetParent !== null,
    );
    const list = inside(column);
    const at = list.indexOf(here);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const side = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    let target: HTMLElement | undefined;
    if (step !== undefined) target = list[at + step];
    else if (event.key === "Home") target = list[0];
    else if (event.key === "End") target = list[list.length - 1];
    else if (side !== undefined) {
      const minute = Number(here.dataset.from);
      const near = (one: HTMLElement) => Math.abs(Number(one.dataset.from) - minute);
      target = inside(columns[columns.indexOf(column) + side]).sort((a, b) => near(a) - near(b))[0];
    } else return;
    event.preventDefault();
    target?.focus();
  };

  return (
    <div className="cal-grid" ref={grid} onKeyDown={walk}>
      <div aria-hidden="true">
        <div className="cal-corner" />
        <div className="cal-hours" style={{ height }}>
          {marks.map((mark) => (
            <span key={mark} style={{ top: px(mark * 60) }}>
              {hourLabel(mark)}
            </span>
          ))}
        </div>
      </div>
      {days.map((day) => {
        const inDay = items.filter(
          (item) => item.day === day && item.to > hours.from * 60 && item.from < hours.to * 60,
        );
        const free = inDay.filter((item) => item.kind === "free").length;
        const stop = inDay.some((item) => item.key === place[day])
          ? place[day]
          : (inDay.find((item) => item.kind === "free" || item.kind === "appointment") ?? inDay[0])?.key;
        return (
          <div key={day} className="cal-day" data-shown={day === shown || undefined}>
            <p className="cal-day-name" data-today={day === today || undefined} id={`cal-${day}`}>
              <span>{dayLabel(day).split(", ")[0]}</span> <span className="cal-day-number">{Number(day.slice(8))}</span>
              <span className="hidden-visually">{t.calendar.freeTimes(free)}</span>
            </p>
            <ul
              className="cal-column"
              aria-labelledby={`cal-${day}`}
              style={{ height, backgroundSize: `100% ${hour}px` }}
            >
              {inDay.map((item) => {
                const top = Math.max(px(item.from), 0);
                const bottom = Math.min(px(item.to), height);
                const times = timesOf(zone, item);
                return (
                  <li key={item.key} style={{ top, height: Math.max(bottom - top, 12) }} data-kind={item.kind}>
                    <button
                      type="button"
                      className="cal-item"
                      data-kind={item.kind}
                      data-from={item.from}
                      data-status={item.kind === "appointment" ? item.appointment.status : undefined}
                      data-small={bottom - top < 24 || undefined}
                      tabIndex={item.key === stop ? 0 : -1}
                      onFocus={() => setPlace((old) => ({ ...old, [day]: item.key }))}
                      aria-label={item.kind === "appointment" ? undefined : spoken(item, times)}
                      title={titled(item)}
                      onClick={(event) => onAct(item, event.currentTarget.getBoundingClientRect())}
                    >
                      <Face
                        item={item}
                        tall={bottom - top >= 40}
                        start={clock(zone, Date.parse(item.start))}
                        times={times}
                      />
                    </button>
                  </li>
                );
              })}
            </ul>
            {day === today && nowMinute !== null && nowMinute >= hours.from * 60 && nowMinute < hours.to * 60 && (
              <div
                className="cal-now"
                style={{ top: `calc(var(--cal-head) + ${px(nowMinute)}px)` }}
                aria-hidden="true"
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

function Face({ item, tall, start, times }: { item: Item; tall: boolean; start: string; times: string }) {
  switch (item.kind) {
    case "free":
      return <span className="cal-face">{start}</span>;
    case "appointment":
      return (
        <>
          <span className="hidden-visually">{times}</span>{" "}
          <span className="cal-face">
            <CalendarCheck size={13} aria-hidden="true" />
            {item.appointment.customer_name}
          </span>{" "}
          {tall && <span className="cal-face-more">{item.appointment.service_type ?? start}</span>}{" "}
          <span className="hidden-visually">{t.calendar.status[item.appointment.status]}</span>
        </>
      );
    case "blocked":
      return (
        <span className="cal-face">
          <CalendarOff size={13} aria-hidden="true" />
          {item.time.title}
        </span>
      );
    case "taken":
    case "closed":
      return (
        <span className="cal-face">
          {item.kind === "taken" ? <Ban size={13} aria-hidden="true" /> : <Clock size={13} aria-hidden="true" />}
          {shortReason(item.kind, item.stretch.why_not[0]?.code ?? "")}
        </span>
      );
  }
}

/** A word or two that fit into the cell. */
function shortReason(kind: "taken" | "closed", code: string): string {
  // What is taken and what merely lies before it have the same reason.
  if (kind === "taken" && code === "busy") return t.calendar.busy;
  return t.calendar.why[code] ?? t.calendar.kind[kind];
}

function reasonsOf(item: Item): string {
  if (item.kind !== "taken" && item.kind !== "closed") return "";
  return item.stretch.why_not.map((why) => asSentence(why.sentence)).join(" ");
}

/** What a screen reader says of it; an appointment says it with its own words. */
function spoken(item: Exclude<Item, { kind: "appointment" }>, times: string): string {
  switch (item.kind) {
    case "free":
      return t.calendar.spokenFree(times);
    case "blocked":
      return t.calendar.spokenBlocked(times, item.time.title);
    case "taken":
    case "closed":
      return t.calendar.spokenNot(times, shortReason(item.kind, item.stretch.why_not[0]?.code ?? ""), reasonsOf(item));
  }
}

function titled(item: Item): string | undefined {
  return reasonsOf(item) || undefined;
}
