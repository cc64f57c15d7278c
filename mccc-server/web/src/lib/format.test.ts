import { expect, it } from "vitest";
import {
  clock,
  dayName,
  duration,
  fullDate,
  hourLabel,
  monthDay,
  national,
  relative,
  toE164,
  took,
  wallClock,
  weekdayTime,
} from "./format";
import { zoneOf } from "./zone";

const zone = zoneOf("America/Chicago", [
  { from: "2025-03-09T08:00:00Z", offset_seconds: -18_000, abbreviation: "CDT" },
  { from: "2025-11-02T07:00:00Z", offset_seconds: -21_600, abbreviation: "CST" },
]);

it("says times as the business reads them", () => {
  expect(clock(zone, Date.parse("2025-06-14T20:42:00Z"))).toBe("3:42 PM");
  expect(fullDate(zone, Date.parse("2025-06-14T20:42:00Z"))).toBe("June 14, 2025 at 3:42 PM");
  expect(wallClock("00:00")).toBe("12:00 AM");
  expect(wallClock("24:00")).toBe("12:00 AM");
  expect(wallClock("14:30")).toBe("2:30 PM");
});

it("names days from today", () => {
  expect(dayName("2026-11-21", "2026-11-21")).toBe("Today");
  expect(dayName("2026-11-20", "2026-11-21")).toBe("Yesterday");
  expect(dayName("2026-11-01", "2026-11-21")).toBe("Sun, Nov 1");
  expect(dayName("2025-11-01", "2026-11-21")).toContain("2025");
});

it("says how long ago", () => {
  const now = Date.parse("2026-01-10T12:00:00Z");
  expect(relative(zone, now - 10_000, now)).toBe("just now");
  expect(relative(zone, now - 50_000, now)).toBe("1 minute ago");
  expect(relative(zone, now - 59 * 60_000, now)).toBe("59 minutes ago");
  expect(relative(zone, now - 3 * 3_600_000, now)).toBe("3 hours ago");
});

it("counts days as the calendar of the business does", () => {
  // Saturday noon in Chicago; Monday 8:30 there is less than two times 24 hours away.
  const saturday = Date.parse("2026-01-10T18:00:00Z");
  const monday = Date.parse("2026-01-12T14:30:00Z");
  expect(relative(zone, monday, saturday)).toBe("in 2 days");
  expect(relative(zone, saturday, monday)).toBe("2 days ago");
  expect(relative(zone, saturday + 86_400_000, saturday)).toBe("tomorrow");
  expect(relative(zone, saturday - 30 * 3_600_000, saturday)).toBe("yesterday");
  expect(relative(zone, saturday - 7 * 86_400_000, saturday)).toBe("Sat, Jan 3");
  expect(weekdayTime(zone, monday)).toBe("Mon, Jan 12 at 8:30 AM");
});

it("says lengths", () => {
  expect(duration(8)).toBe("8s");
  expect(duration(83)).toBe("1m 23s");
  expect(duration(3_720)).toBe("1h 2m");
});

it("never says that something which happened took no time", () => {
  expect(took(0)).toBe("<1s");
  expect(took(0.6)).toBe("<1s");
  expect(took(1)).toBe("1s");
  expect(took(83)).toBe("1m 23s");
});

it("writes and reads numbers", () => {
  expect(national("+15125550199")).toBe("(512) 555-0199");
  expect(national("+442079460000")).toBe("+442079460000");
  expect(toE164("(512) 555-0199")).toBe("+15125550199");
  expect(toE164("+44 20 7946 0000")).toBe("+442079460000");
  expect(toE164("12")).toBeNull();
  expect(toE164("112 555 0199")).toBeNull();
});

it("says hours and days in the little room of a week", () => {
  expect([hourLabel(0), hourLabel(8), hourLabel(13)]).toEqual(["12 AM", "8 AM", "1 PM"]);
  expect(monthDay("2026-11-03")).toBe("Nov 3");
});
