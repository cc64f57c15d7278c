import type { Method, WeeklySpan } from "@/api/types";
import { CELLS, type Grid, columnOfDay, indexOf, paint, rowOfTime, timeOfRow } from "./grid";

export interface HoursChoice {
  /** 0 = Sunday. */
  days: readonly number[];
  /** Row of the first half hour. */
  start: number;
  /** Row after the last half hour, up to 48. */
  end: number;
}

export const WEEKDAYS: readonly number[] = [1, 2, 3, 4, 5];

export const DEFAULT_HOURS: HoursChoice = { days: WEEKDAYS, start: rowOfTime("08:00"), end: rowOfTime("18:00") };

/** Every half hour inside the hours. */
export function inside({ days, start, end }: HoursChoice): number[] {
  const found: number[] = [];
  for (const day of days) {
    for (let row = start; row < end; row += 1) found.push(indexOf({ column: columnOfDay(day), row }));
  }
  return found.sort((a, b) => a - b);
}

/** Every half hour that is not wholly inside one of the spans. */
export function outside(hours: readonly WeeklySpan[]): number[] {
  const open = new Set<number>();
  for (const span of hours) {
    for (let row = 0; row < 48; row += 1) {
      if (span.start_time <= timeOfRow(row) && timeOfRow(row + 1) <= span.end_time) {
        open.add(indexOf({ column: columnOfDay(span.day), row }));
      }
    }
  }
  return Array.from({ length: CELLS }, (_, index) => index).filter((index) => !open.has(index));
}

const ALL: readonly number[] = Array.from({ length: CELLS }, (_, index) => index);

function week(grid: Grid, rest: Method, spans: readonly (HoursChoice & { method: Method })[]): Grid {
  return spans.reduce((painted, span) => paint(painted, inside(span), span.method), paint(grid, ALL, rest));
}

/** Monday to Friday by day the voice agent, voicemail otherwise. */
export function defaults(grid: Grid): Grid {
  return week(grid, "voicemail", [{ ...DEFAULT_HOURS, method: "ai_voice" }]);
}

/** Both by day, a text in the evening, voicemail at night and on Sundays. */
export function recommended(grid: Grid): Grid {
  return week(grid, "voicemail", [
    { ...DEFAULT_HOURS, method: "both" },
    { days: WEEKDAYS, start: rowOfTime("18:00"), end: rowOfTime("21:00"), method: "auto_text_only" },
    { days: [6], start: rowOfTime("08:00"), end: rowOfTime("14:00"), method: "both" },
  ]);
}
