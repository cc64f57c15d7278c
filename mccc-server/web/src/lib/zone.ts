import type { ZoneOffset } from "@/api/types";

/**
 * Wall clock of a business. Offsets come from the server, never from the browser's zone data, so that the pages and
 * the routing engine cannot disagree about what time it is.
 */
export interface Zone {
  name: string;
  offsets: readonly { from: number; seconds: number; abbreviation: string }[];
}

export interface Wall {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  /** 0 = Sunday. */
  weekday: number;
}

const UTC = { from: Number.NEGATIVE_INFINITY, seconds: 0, abbreviation: "UTC" };

export function zoneOf(name: string, offsets: readonly ZoneOffset[] | undefined): Zone {
  const parsed = (offsets ?? [])
    .map((entry) => ({ from: Date.parse(entry.from), seconds: entry.offset_seconds, abbreviation: entry.abbreviation }))
    .filter((entry) => Number.isFinite(entry.from))
    .sort((a, b) => a.from - b.from);
  return { name, offsets: parsed };
}

/** The offset in force at an instant. Before the first known one, the first applies. */
export function offsetAt(zone: Zone, at: number): { seconds: number; abbreviation: string } {
  let found = zone.offsets[0] ?? UTC;
  for (const entry of zone.offsets) {
    if (entry.from > at) break;
    found = entry;
  }
  return found;
}

/** Milliseconds whose UTC reading is the wall clock; only for formatting and calendar sums. */
export function shifted(zone: Zone, at: number): number {
  return at + offsetAt(zone, at).seconds * 1000;
}

export function wallOf(zone: Zone, at: number): Wall {
  const date = new Date(shifted(zone, at));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    weekday: date.getUTCDay(),
  };
}

/** `YYYY-MM-DD` of an instant. */
export function dayOf(zone: Zone, at: number): string {
  return new Date(shifted(zone, at)).toISOString().slice(0, 10);
}

/** `HH:MM` of an instant. */
export function timeOf(zone: Zone, at: number): string {
  return new Date(shifted(zone, at)).toISOString().slice(11, 16);
}

/**
 * The instant of a wall-clock time. One that does not exist becomes the first instant after the gap, one that exists
 * twice its first occurrence; null when the text is no date or time.
 */
export function instantOf(zone: Zone, day: string, time: string): number | null {
  const wall = Date.parse(`${day}T${time}:00Z`);
  if (Number.isNaN(wall)) return null;
  const offsets = zone.offsets.length === 0 ? [UTC] : zone.offsets;
  let first: number | null = null;
  for (const entry of offsets) {
    const at = wall - entry.seconds * 1000;
    if (offsetAt(zone, at).seconds === entry.seconds && (first === null || at < first)) first = at;
  }
  if (first !== null) return first;
  // In a gap: the clock jumped over this reading, so the jump itself is the first instant after it.
  for (let i = 1; i < offsets.length; i += 1) {
    const before = offsets[i - 1];
    const after = offsets[i];
    if (!before || !after) continue;
    if (after.from + before.seconds * 1000 <= wall && wall < after.from + after.seconds * 1000) return after.from;
  }
  return null;
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** 0 = Sunday. */
export function weekdayOf(day: string): number {
  return new Date(Date.parse(`${day}T00:00:00Z`)).getUTCDay();
}

/** The Monday on or before a day. */
export function mondayOf(day: string): string {
  return addDays(day, -((weekdayOf(day) + 6) % 7));
}

export function isDay(text: string | undefined): text is string {
  return text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}
