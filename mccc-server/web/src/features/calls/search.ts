import type { CallQuery } from "@/api/queries";
import { isMethod } from "@/lib/methods";
import { type Zone, addDays, dayOf, isDay, mondayOf } from "@/lib/zone";

/** The ways a period can be named; days of one's own are given as `from` and `to`. */
export const RANGES = ["today", "week", "month", "all"] as const;
export type Range = (typeof RANGES)[number];

export const OUTCOMES = [
  "appointment_booked",
  "question_answered",
  "callback_requested",
  "voicemail_left",
  "no_response",
  "hung_up",
  "spam",
] as const;

export type DetailTab = "story" | "thread" | "why";

/** What the address of the Calls page says. Absent means the usual. */
export interface CallsSearch {
  range?: Range;
  from?: string;
  to?: string;
  method?: string;
  outcome?: string;
  attention?: boolean;
  q?: string;
  /** The open call. */
  call?: string;
  tab?: DetailTab;
}

export const DEFAULT_RANGE: Range = "week";

function oneOf<T extends string>(values: readonly T[], value: unknown): T | undefined {
  return values.find((one) => one === value);
}

/** Reads an address; whatever it does not understand is left out. */
export function readCallsSearch(search: Record<string, unknown>): CallsSearch {
  const read: CallsSearch = {};
  const range = oneOf(RANGES, search.range);
  if (range && range !== DEFAULT_RANGE) read.range = range;
  if (typeof search.from === "string" && isDay(search.from)) read.from = search.from;
  if (typeof search.to === "string" && isDay(search.to)) read.to = search.to;
  if (isMethod(search.method)) read.method = search.method;
  const outcome = oneOf(OUTCOMES, search.outcome);
  if (outcome) read.outcome = outcome;
  if (search.attention === true || search.attention === "true") read.attention = true;
  // The router reads a number in the address as a number.
  const q = typeof search.q === "number" ? String(search.q) : search.q;
  if (typeof q === "string" && q.trim() !== "") read.q = q;
  if (typeof search.call === "string" && search.call !== "") read.call = search.call;
  const tab = oneOf<DetailTab>(["story", "thread", "why"], search.tab);
  if (tab && tab !== "story") read.tab = tab;
  return read;
}

/** Start and end of the period as local days; `from` may be after `to` only when a person typed it so. */
export function periodOf(search: CallsSearch, zone: Zone, now: number): { from?: string; to?: string } {
  if (search.from !== undefined || search.to !== undefined) return { from: search.from, to: search.to };
  const today = dayOf(zone, now);
  switch (search.range ?? DEFAULT_RANGE) {
    case "today":
      return { from: today, to: today };
    case "week":
      return { from: mondayOf(today), to: today };
    case "month":
      return { from: addDays(today, -29), to: today };
    case "all":
      return {};
  }
}

export function isBackwards(period: { from?: string; to?: string }): boolean {
  return period.from !== undefined && period.to !== undefined && period.from > period.to;
}

/** The question for the server. */
export function queryOf(search: CallsSearch, period: { from?: string; to?: string }): CallQuery {
  return {
    from: period.from,
    to: period.to,
    method: search.method,
    outcome: search.outcome,
    attention: search.attention,
    q: search.q?.trim() || undefined,
  };
}

/** Whether anything beyond the period narrows the list. */
export function isFiltered(search: CallsSearch): boolean {
  return Boolean(search.method ?? search.outcome ?? search.attention ?? search.q);
}

const KEPT = "mccc.calls";

/** Filters last as long as the browser's session. */
export function remember(search: CallsSearch): void {
  const { call: _call, tab: _tab, ...filters } = search;
  sessionStorage.setItem(KEPT, JSON.stringify(filters));
}

/** The filters of this session, for an address that names none; null when there are none to bring back. */
export function remembered(search: CallsSearch): CallsSearch | null {
  const { call, tab, ...filters } = search;
  if (Object.values(filters).some((value) => value !== undefined)) return null;
  try {
    const kept = readCallsSearch(JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Record<string, unknown>);
    return Object.keys(kept).length === 0 ? null : { ...kept, call, tab };
  } catch {
    return null;
  }
}
