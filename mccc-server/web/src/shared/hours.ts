import type { Hours } from "@/api/types";
import { wallClock } from "@/lib/format";
import { t } from "@/strings";

/** Monday first, as people read a week. */
export const WEEK: readonly number[] = [1, 2, 3, 4, 5, 6, 0];

/** Hours of one day, in order. */
export function hoursOn(hours: readonly Hours[], day: number): Hours[] {
  return hours.filter((one) => one.day === day).sort((a, b) => (a.start < b.start ? -1 : 1));
}

/** What is wrong with these hours: the day, or nothing. */
export function mistakeIn(hours: readonly Hours[]): { day: number; words: string } | null {
  for (const day of WEEK) {
    const spans = hoursOn(hours, day);
    for (const [index, span] of spans.entries()) {
      if (span.start === "" || span.end === "") return { day, words: t.hours.needBoth };
      if (span.start === span.end) return { day, words: t.hours.noLength };
      const next = spans[index + 1];
      const overnight = span.end <= span.start && span.end !== "24:00";
      if (next && (overnight || span.end > next.start)) return { day, words: t.hours.overlap };
    }
  }
  return null;
}

/** Equal days joined: `Mon–Fri 8:00 AM – 5:00 PM`. */
export function hoursSentence(hours: readonly Hours[]): string {
  const groups: { days: number[]; words: string }[] = [];
  for (const day of WEEK) {
    const spans = hoursOn(hours, day);
    if (spans.length === 0) continue;
    const words = t.list(spans.map((span) => t.span(wallClock(span.start), wallClock(span.end))));
    const last = groups[groups.length - 1];
    const before = last?.days[last.days.length - 1];
    if (last && last.words === words && before !== undefined && WEEK.indexOf(day) === WEEK.indexOf(before) + 1) {
      last.days.push(day);
    } else {
      groups.push({ days: [day], words });
    }
  }
  if (groups.length === 0) return t.hours.never;
  return t.list(
    groups.map(({ days, words }) => {
      const [first = 0] = days;
      const last = days[days.length - 1] ?? first;
      const name =
        first === last ? t.daysShort[first] : t.hours.range(t.daysShort[first] ?? "", t.daysShort[last] ?? "");
      return t.hours.on(name ?? "", words);
    }),
  );
}
