import { t } from "@/strings";
import { type Zone, addDays, dayOf, shifted } from "./zone";

// Zone arithmetic is done before formatting, so the formatters themselves stay in UTC.
const formatter = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(t.locale, { ...options, timeZone: "UTC" });

const TIME = formatter({ hour: "numeric", minute: "2-digit" });
const HOUR = formatter({ hour: "numeric" });
const MONTH_DAY = formatter({ month: "short", day: "numeric" });
const DAY = formatter({ weekday: "short", month: "short", day: "numeric" });
const DAY_YEAR = formatter({ weekday: "short", month: "short", day: "numeric", year: "numeric" });
const LONG = formatter({ month: "long", day: "numeric", year: "numeric" });
const RELATIVE = new Intl.RelativeTimeFormat(t.locale, { numeric: "auto" });
const NUMBER = new Intl.NumberFormat(t.locale);
const PERCENT = new Intl.NumberFormat(t.locale, { style: "percent", maximumFractionDigits: 0 });

// Intl separates "PM" by a narrow space that some fonts lack.
const plain = (text: string) => text.replace(/\u202f/g, " ");

/** `3:42 PM` */
export function clock(zone: Zone, at: number): string {
  return plain(TIME.format(shifted(zone, at)));
}

/** `June 14, 2025 at 3:42 PM` */
export function fullDate(zone: Zone, at: number): string {
  return t.dateAt(LONG.format(shifted(zone, at)), clock(zone, at));
}

/** `Today`, `Yesterday` or `Fri, Nov 21`; the year when it is not this one. */
export function dayName(day: string, today: string): string {
  if (day === today) return t.today;
  if (day === addDays(today, -1)) return t.yesterday;
  const at = Date.parse(`${day}T00:00:00Z`);
  return (day.slice(0, 4) === today.slice(0, 4) ? DAY : DAY_YEAR).format(at);
}

/** `Fri, Nov 21` of a local day. */
export function dayLabel(day: string): string {
  return DAY_YEAR.format(Date.parse(`${day}T00:00:00Z`));
}

/** `Nov 21` of a local day. */
export function monthDay(day: string): string {
  return MONTH_DAY.format(Date.parse(`${day}T00:00:00Z`));
}

/** An hour of the day as `8 AM`. */
export function hourLabel(hour: number): string {
  return plain(HOUR.format(Date.UTC(2000, 0, 1, hour)));
}

/** `08:30` as `8:30 AM`; `24:00` as midnight. */
export function wallClock(time: string): string {
  const [hours, minutes] = time.split(":").map(Number);
  return plain(TIME.format(Date.UTC(2000, 0, 1, (hours ?? 0) % 24, minutes ?? 0)));
}

/** `Mon, Nov 30 at 8:30 AM` */
export function weekdayTime(zone: Zone, at: number): string {
  return t.dateAt(DAY.format(shifted(zone, at)), clock(zone, at));
}

/** `2 minutes ago`; from a day on in days as the calendar counts them, from a week on the date. */
export function relative(zone: Zone, at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 45) return t.now;
  if (size < 3_600) return RELATIVE.format(Math.trunc(seconds / 60) || Math.sign(seconds), "minute");
  const [day, today] = [dayOf(zone, at), dayOf(zone, now)];
  // The longest day of the year has 25 hours.
  if (size < 86_400 || day === today) return RELATIVE.format(Math.trunc(seconds / 3_600), "hour");
  const days = (Date.parse(day) - Date.parse(today)) / 86_400_000;
  return Math.abs(days) < 7 ? RELATIVE.format(days, "day") : dayName(day, today);
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return t.duration.seconds(whole);
  if (whole < 3_600) return t.duration.minutes(Math.floor(whole / 60), whole % 60);
  return t.duration.hours(Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60));
}

/** How long something took that did happen: never `0s`. */
export function took(seconds: number): string {
  return seconds < 1 ? t.duration.instant : duration(seconds);
}

export function count(value: number): string {
  return NUMBER.format(value);
}

export function percent(value: number): string {
  return PERCENT.format(value);
}

/** `+15125550199` as `(512) 555-0199`; other countries as they are. */
export function national(phone: string): string {
  const match = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(phone);
  return match ? `(${match[1]}) ${match[2]}-${match[3]}` : phone;
}

/** What a person typed as E.164, or null. Ten digits are taken to be North American. */
export function toE164(text: string): string | null {
  const digits = text.replace(/[\s().-]/g, "");
  if (/^\+[1-9]\d{1,14}$/.test(digits)) return digits;
  if (/^1?[2-9]\d{9}$/.test(digits)) return `+1${digits.slice(-10)}`;
  return null;
}
