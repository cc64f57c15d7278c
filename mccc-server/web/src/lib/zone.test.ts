import { describe, expect, it } from "vitest";
import { addDays, dayOf, instantOf, isDay, mondayOf, timeOf, wallOf, zoneOf } from "./zone";

const chicago = zoneOf("America/Chicago", [
  { from: "2026-03-08T08:00:00Z", offset_seconds: -18_000, abbreviation: "CDT" },
  { from: "2025-11-02T07:00:00Z", offset_seconds: -21_600, abbreviation: "CST" },
  { from: "2026-11-01T07:00:00Z", offset_seconds: -21_600, abbreviation: "CST" },
]);

describe("wall clock", () => {
  it("follows the offset in force", () => {
    expect(timeOf(chicago, Date.parse("2026-03-08T07:59:00Z"))).toBe("01:59");
    expect(timeOf(chicago, Date.parse("2026-03-08T08:00:00Z"))).toBe("03:00");
    expect(dayOf(chicago, Date.parse("2026-07-01T03:00:00Z"))).toBe("2026-06-30");
    expect(wallOf(chicago, Date.parse("2026-11-21T18:05:00Z"))).toMatchObject({ hour: 12, minute: 5, weekday: 6 });
  });

  it("gives back the instant it came from outside folds", () => {
    for (let at = Date.parse("2026-03-07T00:00:00Z"); at < Date.parse("2026-03-10T00:00:00Z"); at += 900_000) {
      expect(instantOf(chicago, dayOf(chicago, at), timeOf(chicago, at))).toBe(at);
    }
  });

  it("moves a time that does not exist to the first instant after the gap", () => {
    expect(instantOf(chicago, "2026-03-08", "02:30")).toBe(Date.parse("2026-03-08T08:00:00Z"));
  });

  it("takes the first of a time that exists twice", () => {
    expect(instantOf(chicago, "2026-11-01", "01:30")).toBe(Date.parse("2026-11-01T06:30:00Z"));
  });

  it("reads UTC when the server named no offsets, and refuses nonsense", () => {
    expect(instantOf(zoneOf("Etc/UTC", []), "2026-01-01", "10:00")).toBe(Date.parse("2026-01-01T10:00:00Z"));
    expect(instantOf(chicago, "soon", "10:00")).toBeNull();
  });
});

describe("days", () => {
  it("start their week on Monday", () => {
    expect(mondayOf("2026-11-22")).toBe("2026-11-16");
    expect(mondayOf("2026-11-16")).toBe("2026-11-16");
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  });

  it("are told from other text", () => {
    expect(isDay("2026-11-21")).toBe(true);
    expect(isDay("2026-13-41")).toBe(false);
    expect(isDay("yesterday")).toBe(false);
  });
});
