import { expect, it } from "vitest";
import type { CallRow } from "@/api/types";
import { rateTone } from "./Kpis";
import { arrivals, holdBack, neighbour } from "./fresh";

const calls = (...ids: string[]) => ids.map((id) => ({ id }) as CallRow);
const ids = (rows: readonly CallRow[]) => rows.map((row) => row.id);

it("shows everything while the reader is at the top", () => {
  const held = holdBack(calls("c", "b", "a"), null);
  expect(ids(held.shown)).toEqual(["c", "b", "a"]);
  expect(held.waiting).toEqual([]);
});

it("holds newer calls back while the reader is further down", () => {
  const held = holdBack(calls("e", "d", "c", "b"), "c");
  expect(ids(held.shown)).toEqual(["c", "b"]);
  expect(ids(held.waiting)).toEqual(["e", "d"]);
});

it("holds nothing back when the call at the top is gone", () => {
  expect(holdBack(calls("e", "d"), "x").waiting).toEqual([]);
});

it("takes no call for new when nothing was known", () => {
  expect(arrivals(null, calls("a"))).toEqual([]);
  expect(ids(arrivals(new Set(["a"]), calls("b", "a")))).toEqual(["b"]);
});

it("walks the list with j and k and stops at its ends", () => {
  const list = calls("a", "b");
  expect(neighbour(list, undefined, 1)?.id).toBe("a");
  expect(neighbour(list, "a", 1)?.id).toBe("b");
  expect(neighbour(list, "b", 1)).toBeUndefined();
  expect(neighbour(list, "a", -1)).toBeUndefined();
});

it("judges the recovery rate at three quarters and a half", () => {
  expect([0.75, 0.7499, 0.5, 0.4999].map(rateTone)).toEqual(["good", "attention", "attention", "problem"]);
});
