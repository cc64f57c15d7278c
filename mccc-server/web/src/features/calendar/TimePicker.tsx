import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { freeTimes } from "@/api/queries";
import { useCurrent } from "@/lib/business";
import { dayLabel, wallClock } from "@/lib/format";
import { dayOf, instantOf, timeOf } from "@/lib/zone";
import { t } from "@/strings";
import { Field, Input, Select } from "@/ui/controls";

/** A chosen time: one that is free, or another on the wall clock. */
export type Chosen = { free: string } | { day: string; time: string };

const OTHER = "other";

/** What was chosen as an instant; nothing while it is no time. */
export function startOf(chosen: Chosen, zone: Parameters<typeof instantOf>[0]): string | null {
  if ("free" in chosen) return chosen.free === "" ? null : chosen.free;
  const at = instantOf(zone, chosen.day, chosen.time);
  return at === null ? null : new Date(at).toISOString();
}

/** One of the free times, or any other that a person chooses by hand. */
export function TimePicker(props: { chosen: Chosen; error?: string | null; onChange: (chosen: Chosen) => void }) {
  const { business, zone } = useCurrent();
  const id = useId();
  const free = useQuery(freeTimes(business.id));
  const slots = free.data?.slots ?? [];
  const { chosen } = props;
  const isFree = "free" in chosen;
  // A time that was clicked may not be among the free ones any more; it stays chosen all the same.
  const known =
    !isFree || chosen.free === "" || slots.some((slot) => Date.parse(slot.start) === Date.parse(chosen.free));
  const days = [...new Set(slots.map((slot) => slot.date))];
  const value = isFree
    ? (slots.find((slot) => Date.parse(slot.start) === Date.parse(chosen.free))?.start ?? chosen.free)
    : OTHER;

  return (
    <>
      <Field
        label={t.calendar.form.time}
        error={isFree ? props.error : null}
        help={free.isError ? t.calendar.form.freeUnknown : undefined}
      >
        {(ids) => (
          <Select
            {...ids}
            value={value}
            onChange={(event) => {
              if (event.target.value !== OTHER) return props.onChange({ free: event.target.value });
              const at = isFree && chosen.free !== "" ? Date.parse(chosen.free) : Date.now() + 3_600_000;
              props.onChange({ day: dayOf(zone, at), time: `${timeOf(zone, at).slice(0, 2)}:00` });
            }}
          >
            <option value="" disabled>
              {free.isPending
                ? t.common.loading
                : slots.length === 0
                  ? t.calendar.form.noneFree
                  : t.calendar.form.choose}
            </option>
            {!known && isFree && (
              <option value={chosen.free}>
                {t.dateAt(
                  dayLabel(dayOf(zone, Date.parse(chosen.free))),
                  wallClock(timeOf(zone, Date.parse(chosen.free))),
                )}
              </option>
            )}
            {days.map((day) => (
              <optgroup key={day} label={dayLabel(day)}>
                {slots
                  .filter((slot) => slot.date === day)
                  .map((slot) => (
                    <option key={slot.start} value={slot.start}>
                      {t.dateAt(dayLabel(day), wallClock(slot.start_time))}
                    </option>
                  ))}
              </optgroup>
            ))}
            <option value={OTHER}>{t.calendar.form.other}</option>
          </Select>
        )}
      </Field>
      {!isFree && (
        <div className="cal-two" role="group" aria-label={t.calendar.form.other} aria-describedby={`${id}-help`}>
          <Field label={t.calendar.form.date} error={props.error}>
            {(ids) => (
              <Input
                {...ids}
                type="date"
                value={chosen.day}
                onChange={(event) => props.onChange({ ...chosen, day: event.target.value })}
              />
            )}
          </Field>
          <Field label={t.calendar.form.clock}>
            {(ids) => (
              <Input
                {...ids}
                type="time"
                value={chosen.time}
                onChange={(event) => props.onChange({ ...chosen, time: event.target.value })}
              />
            )}
          </Field>
          <p className="quiet cal-wide" id={`${id}-help`}>
            {t.calendar.form.otherHelp}
          </p>
        </div>
      )}
    </>
  );
}
