import type { CalendarChoice } from "@/api/types";

/** Which calendars of the account are used. */
export interface Choice {
  /** The one that is booked; nothing while the former one can no longer be. */
  booked: string | null;
  /** Further ones whose events are in the way. */
  conflicts: string[];
}

/** What is chosen now, as far as the account still has it. */
export function present(offered: readonly CalendarChoice[], booked: string | null, conflicts: readonly string[]): Choice {
  const can = offered.some((one) => one.id === booked && one.bookable);
  return { booked: can ? booked : null, conflicts: known(offered, can ? booked : null, conflicts) };
}

/** Another calendar is booked. It is in the way by itself; the former one stays in the way, as it was. */
export function book(offered: readonly CalendarChoice[], choice: Choice, id: string): Choice {
  const before = choice.booked === null ? [] : [choice.booked];
  return { booked: id, conflicts: known(offered, id, [...choice.conflicts, ...before]) };
}

export function inTheWay(offered: readonly CalendarChoice[], choice: Choice, id: string, on: boolean): Choice {
  const others = choice.conflicts.filter((one) => one !== id);
  return { ...choice, conflicts: known(offered, choice.booked, on ? [...others, id] : others) };
}

/** Identifiers of the account in its own order, without the one that is booked. */
function known(offered: readonly CalendarChoice[], booked: string | null, ids: readonly string[]): string[] {
  return offered.map((one) => one.id).filter((id) => id !== booked && ids.includes(id));
}

/** The number of an event type as Cal.com shows it, or nothing. */
export function eventType(text: string): number | null {
  const number = /^\s*(\d{1,15})\s*$/.exec(text)?.[1];
  return number === undefined || Number(number) === 0 ? null : Number(number);
}
