import { isDay } from "@/lib/zone";
import { t } from "@/strings";

/** Hours of single dates, from one time to another on the wall clock; no hours close the date. */
export type Dates = Record<string, [string, string][]>;

/** What stands against hours on a date; `null` closes it. Hours beside others on the same date are welcome. */
export function mistakeInDate(date: string, hours: [string, string] | null, today: string, dates: Dates): string | null {
  if (!isDay(date)) return t.calendar.dates.needDate;
  if (date < today) return t.calendar.dates.past;
  const spans = dates[date];
  if (!hours) return spans?.length === 0 ? t.calendar.dates.twice : null;
  const [start, end] = hours;
  if (start === "" || end === "") return t.hours.needBoth;
  if (start === end) return t.hours.noLength;
  // An end that is not after the start lies on the next day.
  const last = (from: string, to: string) => (to <= from ? "48:00" : to);
  const overlaps = spans?.some(([from, to]) => start < last(from, to) && from < last(start, end));
  return overlaps ? t.hours.overlap : null;
}

/** The dates with these hours as well; `null` closes the date, whatever it had before. */
export function withDate(dates: Dates, date: string, hours: [string, string] | null): Dates {
  const spans = hours ? [...(dates[date] ?? []), hours].sort(([one], [other]) => (one < other ? -1 : 1)) : [];
  return inOrder({ ...dates, [date]: spans });
}

/** The dates without that one: the hours of its weekday hold again. */
export function withoutDate(dates: Dates, date: string): Dates {
  return inOrder(Object.fromEntries(Object.entries(dates).filter(([day]) => day !== date)));
}

function inOrder(dates: Dates): Dates {
  return Object.fromEntries(Object.entries(dates).sort(([one], [other]) => (one < other ? -1 : 1)));
}
