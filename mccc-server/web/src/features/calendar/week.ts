import type { Appointment, BlockedStretch, BlockedTime, Booking, Hours, Settings, Week } from "@/api/types";
import { clock } from "@/lib/format";
import { type Zone, addDays, dayOf, mondayOf, wallOf } from "@/lib/zone";
import { mistakeIn } from "@/shared/hours";
import type { Part } from "@/shared/part";
import { t } from "@/strings";

/** Something in the week, between two minutes of a day. */
export type Item = { key: string; day: string; from: number; to: number; start: string; end: string } & (
  | { kind: "free" }
  | { kind: "taken" | "closed"; stretch: BlockedStretch }
  | { kind: "appointment"; appointment: Appointment }
  | { kind: "blocked"; time: BlockedTime }
);

/** Seven days from a Monday. */
export function daysOf(monday: string): string[] {
  return Array.from({ length: 7 }, (_, index) => addDays(monday, index));
}

/** The week that an address names; the present one where it names none. */
export function weekOf(zone: Zone, now: number, asked: string | undefined): string {
  return mondayOf(asked ?? dayOf(zone, now));
}

/** Minutes from midnight on a day's wall clock; the ends of the day for what lies outside it. */
export function minuteOn(zone: Zone, day: string, at: number): number {
  const its = dayOf(zone, at);
  if (its < day) return 0;
  if (its > day) return 1_440;
  const { hour, minute } = wallOf(zone, at);
  return hour * 60 + minute;
}

/** One item for each day that something touches. */
function perDay(zone: Zone, days: readonly string[], start: string, end: string) {
  const [from, to] = [Date.parse(start), Date.parse(end)];
  return days
    .map((day) => ({ day, from: minuteOn(zone, day, from), to: minuteOn(zone, day, to), start, end }))
    .filter((one) => one.to > one.from);
}

/** What the week shows, each day from morning to night. */
export function itemsOf(
  zone: Zone,
  days: readonly string[],
  week: Pick<Week, "slots" | "blocked" | "duration_minutes"> | undefined,
  appointments: readonly Appointment[],
  blockedTimes: readonly BlockedTime[],
): Item[] {
  const items: Item[] = [];
  for (const appointment of appointments) {
    if (!isShown(appointment)) continue;
    for (const place of perDay(zone, days, appointment.scheduled_at, appointment.ends_at)) {
      items.push({ ...place, key: `${appointment.id} ${place.day}`, kind: "appointment", appointment });
    }
  }
  for (const time of blockedTimes) {
    for (const place of perDay(zone, days, time.start, time.end)) {
      items.push({ ...place, key: `${time.id} ${place.day}`, kind: "blocked", time });
    }
  }
  const above = [...items];
  for (const stretch of week?.blocked ?? []) {
    for (const place of perDay(zone, days, stretch.start, stretch.end)) {
      // What an appointment stands on needs no second explanation.
      const hidden = above.some((one) => one.day === place.day && one.from <= place.from && place.to <= one.to);
      if (!hidden) items.push({ ...place, key: `not ${place.start} ${place.day}`, kind: stretch.standing, stretch });
    }
  }
  const slots = week?.slots ?? [];
  for (const [index, slot] of slots.entries()) {
    // Starts can be closer to one another than a visit is long: each is shown up to the next.
    const start = Date.parse(slot.start);
    const next = slots[index + 1];
    const over = start + (week?.duration_minutes ?? 0) * 60_000;
    const end = new Date(next ? Math.min(over, Date.parse(next.start)) : over).toISOString();
    for (const place of perDay(zone, days, slot.start, end).slice(0, 1)) {
      items.push({ ...place, key: `free ${slot.start}`, kind: "free" });
    }
  }
  return items.sort((a, b) => (a.day === b.day ? a.from - b.from || b.to - a.to : a.day < b.day ? -1 : 1));
}

/** Whether an appointment has a place in the week. */
export function isShown(appointment: Appointment): boolean {
  return ["held", "scheduled", "confirmed", "completed", "no_show"].includes(appointment.status);
}

export const isAhead = (appointment: Appointment) => ["scheduled", "confirmed"].includes(appointment.status);

/** The whole hours to show: a working day, and longer where something is earlier or later. */
export function hoursShown(items: readonly Item[], whole: boolean): { from: number; to: number } {
  if (whole) return { from: 0, to: 24 };
  let [from, to] = [8, 18];
  for (const item of items) {
    // What is taken belongs to an appointment, a blocked time or an event, of which only the first two are shown early
    // or late; the buffer of a day off would stretch the evening before it.
    if (item.kind === "closed" || item.kind === "taken" || (item.from === 0 && item.to === 1_440)) continue;
    from = Math.min(from, Math.floor(item.from / 60));
    to = Math.max(to, Math.ceil(item.to / 60));
  }
  return { from, to };
}

/** From when to when, on the wall clock. */
export function timesOf(zone: Zone, item: Item): string {
  if (item.from === 0 && item.to === 1_440) return t.calendar.allDay;
  return t.span(clock(zone, Date.parse(item.start)), clock(zone, Date.parse(item.end)));
}

/** A clause of the server as a sentence. */
export function asSentence(clause: string): string {
  const text = clause.charAt(0).toUpperCase() + clause.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** How appointments can be booked, as the page edits it. */
export interface BookingPart {
  booking: Booking;
  reminders: number[];
  /** Whether Cal.com may be used instead of Google. */
  calcom: boolean;
}

export const BOOKING: Part<BookingPart> = {
  name: "booking",
  read: (settings: Settings) => ({
    booking: settings.booking,
    reminders: settings.reminders.minutes_before,
    calcom: settings.calendar?.calcom_enabled ?? false,
  }),
  write: (settings, value) => ({
    ...settings,
    booking: { ...settings.booking, ...value.booking, hours: value.booking.hours },
    reminders: { ...settings.reminders, minutes_before: value.reminders },
    calendar: { ...settings.calendar, calcom_enabled: value.calcom },
  }),
};

// What the server accepts; it says so itself where these were to differ.
export const DURATIONS = [15, 30, 45, 60, 90, 120] as const;
export const BUFFERS = [0, 5, 10, 15, 30, 45, 60] as const;
export const LEADS = [0, 30, 60, 120, 240, 480, 1_440, 2_880] as const;
export const WINDOWS = [3, 7, 14, 30] as const;
export const REMINDERS = [2_880, 1_440, 120, 60] as const;

/** Reminders with one switched; the earliest first, so that the first is the one farthest ahead. */
export function withReminder(reminders: readonly number[], minutes: number, on: boolean): number[] {
  const others = reminders.filter((one) => one !== minutes);
  return (on ? [...others, minutes] : others).sort((a, b) => b - a);
}

export type BookingField = "max_per_day" | "window_days" | "hours";

/** What stands against saving these settings. */
export function mistakesIn(
  value: BookingPart,
  words: Record<BookingField, string>,
): Partial<Record<BookingField, string>> {
  const between = (number: number, least: number, most: number) =>
    Number.isInteger(number) && number >= least && number <= most;
  const found: Partial<Record<BookingField, string>> = {};
  if (!between(value.booking.max_per_day, 1, 20)) found.max_per_day = words.max_per_day;
  if (!between(value.booking.window_days, 1, 30)) found.window_days = words.window_days;
  if (value.booking.hours && mistakeIn(value.booking.hours)) found.hours = words.hours;
  return found;
}

/** Own hours to begin with: a copy of the business's. */
export function ownHours(settings: Settings): Hours[] {
  return settings.schedule.business_hours.map((hours) => ({ ...hours }));
}
