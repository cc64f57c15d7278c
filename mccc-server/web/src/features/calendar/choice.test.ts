import { expect, it } from "vitest";
import type { CalendarChoice } from "@/api/types";
import { book, eventType, inTheWay, present } from "./choice";

const calendar = (id: string, bookable = true): CalendarChoice => ({
  id,
  name: id,
  primary: id === "main",
  bookable,
  zone: null,
});
const offered = [calendar("main"), calendar("jobs"), calendar("holidays", false)];

it("shows what is chosen, without what the account no longer has", () => {
  expect(present(offered, "jobs", ["gone", "holidays"])).toEqual({ booked: "jobs", conflicts: ["holidays"] });
  expect(present(offered, "gone", ["jobs"])).toEqual({ booked: null, conflicts: ["jobs"] });
  expect(present(offered, "holidays", [])).toEqual({ booked: null, conflicts: [] });
});

it("keeps the former calendar in the way when another one is booked", () => {
  const choice = { booked: "main", conflicts: ["jobs", "holidays"] };
  expect(book(offered, choice, "jobs")).toEqual({ booked: "jobs", conflicts: ["main", "holidays"] });
  expect(book(offered, { booked: null, conflicts: [] }, "main")).toEqual({ booked: "main", conflicts: [] });
});

it("never sends the booked calendar as one that is in the way besides", () => {
  const choice = { booked: "main", conflicts: [] };
  expect(inTheWay(offered, choice, "main", true).conflicts).toEqual([]);
  expect(inTheWay(offered, choice, "holidays", true).conflicts).toEqual(["holidays"]);
  expect(inTheWay(offered, { ...choice, conflicts: ["jobs", "holidays"] }, "jobs", false).conflicts).toEqual([
    "holidays",
  ]);
});

it("takes the number of an event type and nothing else", () => {
  expect(eventType(" 123456 ")).toBe(123_456);
  for (const text of ["", "0", "visit", "12.5", "-3", "1e3"]) expect(eventType(text), text).toBeNull();
});
