import { describe, expect, it } from "vitest";
import type { Appointment, BlockedStretch, BlockedTime, Settings } from "@/api/types";
import { zoneOf } from "@/lib/zone";
import { BOOKING, asSentence, daysOf, hoursShown, itemsOf, mistakesIn, timesOf, weekOf, withReminder } from "./week";

// Clocks go back on Sunday, November 1.
const zone = zoneOf("America/Chicago", [
  { from: "2026-03-08T08:00:00Z", offset_seconds: -18_000, abbreviation: "CDT" },
  { from: "2026-11-01T07:00:00Z", offset_seconds: -21_600, abbreviation: "CST" },
]);
const days = daysOf("2026-11-23");
const slot = (start: string) => ({ start, date: "", start_time: "", end_time: "" });
const visit = (start: string, end: string, status: Appointment["status"] = "scheduled") =>
  ({ id: "appt_1", scheduled_at: start, ends_at: end, status }) as Appointment;
const stretch = (start: string, end: string, standing: "taken" | "closed"): BlockedStretch => ({
  date: "2026-11-24",
  start,
  end,
  standing,
  why_not: [{ code: "busy", sentence: "the calendar is busy" }],
});
const told = (items: ReturnType<typeof itemsOf>) => items.map((one) => `${one.day} ${one.from}-${one.to} ${one.kind}`);

describe("a week", () => {
  it("begins on the Monday of the day in the address, or of today", () => {
    expect(weekOf(zone, Date.parse("2026-11-27T20:00:00Z"), undefined)).toBe("2026-11-23");
    expect(weekOf(zone, 0, "2026-12-06")).toBe("2026-11-30");
    // Monday in London is still Sunday in Chicago.
    expect(weekOf(zone, Date.parse("2026-11-23T02:00:00Z"), undefined)).toBe("2026-11-16");
  });

  it("shows each start up to the next one", () => {
    const week = {
      duration_minutes: 60,
      blocked: [],
      slots: [slot("2026-11-24T14:00:00Z"), slot("2026-11-24T14:30:00Z"), slot("2026-11-24T17:00:00Z")],
    };
    expect(told(itemsOf(zone, days, week, [], []))).toEqual([
      "2026-11-24 480-510 free",
      "2026-11-24 510-570 free",
      "2026-11-24 660-720 free",
    ]);
  });

  it("puts an appointment over the time it closes, and leaves the buffer around it", () => {
    const week = {
      duration_minutes: 60,
      slots: [],
      blocked: [
        stretch("2026-11-24T15:00:00Z", "2026-11-24T16:00:00Z", "taken"),
        stretch("2026-11-24T16:00:00Z", "2026-11-24T16:15:00Z", "taken"),
      ],
    };
    const booked = [visit("2026-11-24T15:00:00Z", "2026-11-24T16:00:00Z")];
    expect(told(itemsOf(zone, days, week, booked, []))).toEqual([
      "2026-11-24 540-600 appointment",
      "2026-11-24 600-615 taken",
    ]);
    expect(
      itemsOf(zone, days, week, [visit("2026-11-24T15:00:00Z", "2026-11-24T16:00:00Z", "cancelled")], []),
    ).toHaveLength(2);
  });

  it("shows a blocked time on each of its days", () => {
    const time: BlockedTime = {
      id: "off_1",
      title: "Fair",
      start: "2026-11-25T06:00:00Z",
      end: "2026-11-26T18:00:00Z",
      first_day: null,
      last_day: null,
    };
    expect(told(itemsOf(zone, days, undefined, [], [time]))).toEqual([
      "2026-11-25 0-1440 blocked",
      "2026-11-26 0-720 blocked",
    ]);
    const said = itemsOf(zone, days, undefined, [], [time]).map((one) => timesOf(zone, one));
    expect(said).toEqual(["all day", "12:00 AM – 12:00 PM"]);
  });

  it("is as tall as what is in it", () => {
    expect(hoursShown([], false)).toEqual({ from: 8, to: 18 });
    const early = itemsOf(zone, days, undefined, [visit("2026-11-24T12:30:00Z", "2026-11-24T13:30:00Z")], []);
    expect(hoursShown(early, false)).toEqual({ from: 6, to: 18 });
    expect(hoursShown(early, true)).toEqual({ from: 0, to: 24 });
    const buffer = {
      duration_minutes: 60,
      slots: [],
      blocked: [stretch("2026-11-25T05:45:00Z", "2026-11-25T06:00:00Z", "taken")],
    };
    expect(hoursShown(itemsOf(zone, days, buffer, [], []), false)).toEqual({ from: 8, to: 18 });
  });
});

describe("settings of bookings", () => {
  const settings = {
    profile: { name: "Acme" },
    schedule: { business_hours: [] },
    booking: {
      duration_minutes: 60,
      buffer_minutes: 15,
      max_per_day: 8,
      window_days: 14,
      lead_minutes: 120,
      dates: { "2026-12-25": [] },
    },
    reminders: { minutes_before: [1_440, 60] },
    calendar: { booked: "primary", connection: { id: "c1" } },
  } as unknown as Settings;

  it("switch Cal.com without touching what is connected", () => {
    const written = BOOKING.write(settings, { ...BOOKING.read(settings), calcom: true });
    expect(written.calendar).toEqual({ booked: "primary", connection: { id: "c1" }, calcom_enabled: true });
  });

  it("are written without touching the dates with hours of their own", () => {
    const value = BOOKING.read(settings);
    const written = BOOKING.write(settings, { ...value, booking: { ...value.booking, window_days: 7 } });
    expect(written.booking).toMatchObject({ window_days: 7, dates: { "2026-12-25": [] } });
    const own = { ...value.booking, hours: [{ day: 1, start: "08:00", end: "12:00" }] };
    const inherited = BOOKING.write(BOOKING.write(settings, { ...value, booking: own }), value);
    expect(JSON.parse(JSON.stringify(inherited.booking))).not.toHaveProperty("hours");
  });

  it("keep the reminders farthest ahead first", () => {
    expect(withReminder([1_440, 60], 2_880, true)).toEqual([2_880, 1_440, 60]);
    expect(withReminder([1_440, 60], 1_440, false)).toEqual([60]);
    expect(withReminder([60], 60, true)).toEqual([60]);
  });

  it("say which number is out of its range", () => {
    const words = { max_per_day: "max", window_days: "window", hours: "hours" };
    const value = BOOKING.read(settings);
    expect(mistakesIn(value, words)).toEqual({});
    expect(mistakesIn({ ...value, booking: { ...value.booking, max_per_day: 0, window_days: 31 } }, words)).toEqual({
      max_per_day: "max",
      window_days: "window",
    });
    expect(mistakesIn({ ...value, booking: { ...value.booking, max_per_day: Number.NaN } }, words)).toEqual({
      max_per_day: "max",
    });
    const hours = [{ day: 1, start: "09:00", end: "09:00" }];
    expect(mistakesIn({ ...value, booking: { ...value.booking, hours } }, words)).toEqual({ hours: "hours" });
  });
});

it("makes a sentence of what the server says", () => {
  expect(asSentence("closed on Sundays")).toBe("Closed on Sundays.");
  expect(asSentence("Over.")).toBe("Over.");
});
