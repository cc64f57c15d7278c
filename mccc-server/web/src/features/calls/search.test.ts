import { beforeEach, describe, expect, it } from "vitest";
import { zoneOf } from "@/lib/zone";
import { isBackwards, isFiltered, periodOf, queryOf, readCallsSearch, remember, remembered } from "./search";

const zone = zoneOf("America/Chicago", [
  { from: "2025-11-02T07:00:00Z", offset_seconds: -21_600, abbreviation: "CST" },
]);
// Saturday afternoon there.
const NOW = Date.parse("2025-11-22T20:00:00Z");

describe("the address", () => {
  it("keeps what it understands and drops the rest", () => {
    expect(
      readCallsSearch({
        range: "month",
        method: "both",
        outcome: "ham",
        attention: "true",
        q: 512,
        from: "2025-13-01",
        call: "call_1",
        tab: "why",
        utm: "x",
      }),
    ).toEqual({ range: "month", method: "both", attention: true, q: "512", call: "call_1", tab: "why" });
  });

  it("does not name what is usual", () => {
    expect(readCallsSearch({ range: "week", tab: "story", q: " ", attention: false })).toEqual({});
  });

  it("reads back what it wrote", () => {
    const search = readCallsSearch({ from: "2025-11-01", to: "2025-11-05", outcome: "hung_up", q: "Dave" });
    expect(readCallsSearch(JSON.parse(JSON.stringify(search)))).toEqual(search);
  });
});

describe("the period", () => {
  it("is this week from Monday on, unless another is named", () => {
    expect(periodOf({}, zone, NOW)).toEqual({ from: "2025-11-17", to: "2025-11-22" });
    expect(periodOf({ range: "today" }, zone, NOW)).toEqual({ from: "2025-11-22", to: "2025-11-22" });
    expect(periodOf({ range: "month" }, zone, NOW)).toEqual({ from: "2025-10-24", to: "2025-11-22" });
    expect(periodOf({ range: "all" }, zone, NOW)).toEqual({});
  });

  it("follows the business's midnight, not the browser's", () => {
    expect(periodOf({ range: "today" }, zone, Date.parse("2025-11-23T05:59:00Z")).to).toBe("2025-11-22");
    expect(periodOf({ range: "today" }, zone, Date.parse("2025-11-23T06:00:00Z")).to).toBe("2025-11-23");
  });

  it("is refused when it ends before it starts", () => {
    expect(isBackwards({ from: "2025-11-02", to: "2025-11-01" })).toBe(true);
    expect(isBackwards({ from: "2025-11-01", to: "2025-11-01" })).toBe(false);
    expect(isBackwards({ from: "2025-11-01" })).toBe(false);
  });
});

it("asks the server for what the address says", () => {
  expect(queryOf({ method: "both", q: " Dave ", call: "call_1" }, { from: "2025-11-01" })).toEqual({
    from: "2025-11-01",
    to: undefined,
    method: "both",
    outcome: undefined,
    attention: undefined,
    q: "Dave",
  });
  expect(isFiltered({ range: "month" })).toBe(false);
  expect(isFiltered({ attention: true })).toBe(true);
});

describe("filters over the session", () => {
  beforeEach(() => sessionStorage.clear());

  it("come back to an address that names none, with the open call kept", () => {
    remember({ method: "both", range: "month", call: "call_1" });
    expect(remembered({ call: "call_2" })).toEqual({ method: "both", range: "month", call: "call_2", tab: undefined });
  });

  it("give way to an address that names some", () => {
    remember({ method: "both" });
    expect(remembered({ q: "Dave" })).toBeNull();
  });

  it("are none in a new session", () => {
    expect(remembered({})).toBeNull();
  });
});
