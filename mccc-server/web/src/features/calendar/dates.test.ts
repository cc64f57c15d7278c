import { describe, expect, it } from "vitest";
import { t } from "@/strings";
import { mistakeInDate, withDate, withoutDate } from "./dates";

describe("dates with hours of their own", () => {
  const today = "2026-12-01";
  const dates = { "2026-12-25": [], "2026-12-26": [["09:00", "12:00"]] as [string, string][] };

  it("are refused with the reason", () => {
    expect(mistakeInDate("", null, today, dates)).toBe(t.calendar.dates.needDate);
    expect(mistakeInDate("2026-11-30", null, today, dates)).toBe(t.calendar.dates.past);
    expect(mistakeInDate("2026-12-25", null, today, dates)).toBe(t.calendar.dates.twice);
    expect(mistakeInDate("2026-12-24", ["08:00", ""], today, dates)).toBe(t.hours.needBoth);
    expect(mistakeInDate("2026-12-24", ["08:00", "08:00"], today, dates)).toBe(t.hours.noLength);
    expect(mistakeInDate("2026-12-26", ["11:30", "13:00"], today, dates)).toBe(t.hours.overlap);
    expect(mistakeInDate("2026-12-26", ["08:00", "02:00"], today, dates)).toBe(t.hours.overlap);
  });

  it("are accepted today, beside other hours, and in place of being closed", () => {
    expect(mistakeInDate(today, null, today, dates)).toBeNull();
    expect(mistakeInDate("2026-12-26", ["12:00", "15:00"], today, dates)).toBeNull();
    expect(mistakeInDate("2026-12-26", null, today, dates)).toBeNull();
    expect(mistakeInDate("2026-12-25", ["10:00", "24:00"], today, dates)).toBeNull();
  });

  it("are kept in order", () => {
    const more = withDate(withDate(dates, "2026-12-26", ["07:00", "08:00"]), "2026-12-05", null);
    expect(Object.keys(more)).toEqual(["2026-12-05", "2026-12-25", "2026-12-26"]);
    expect(more["2026-12-26"]).toEqual([
      ["07:00", "08:00"],
      ["09:00", "12:00"],
    ]);
    expect(withDate(dates, "2026-12-26", null)["2026-12-26"]).toEqual([]);
    expect(Object.keys(withoutDate(more, "2026-12-25"))).toEqual(["2026-12-05", "2026-12-26"]);
  });
});
