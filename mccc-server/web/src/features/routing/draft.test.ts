import { beforeEach, expect, it } from "vitest";
import type { RoutingRules } from "@/api/types";
import { edit, editingOf, forget, keep, kept, unsaved } from "./draft";
import { cellsOf, gridOf, paint } from "./grid";
import { defaults } from "./presets";

const grid = defaults(gridOf([]));
const rules = (version: number, from = grid): RoutingRules => ({
  version,
  schedule: { blocks: [], overrides: [], after_hours_default: "voicemail", business_hours: [], fallback: [], inactive_days: [] },
  cells: cellsOf(from),
  sentences: [],
  presets: [],
  last_saved_at: null,
  differs_from_business_hours: false,
});

beforeEach(() => localStorage.clear());

it("counts what differs from the saved schedule, not how it was reached", () => {
  let state = editingOf(rules(1));
  expect(unsaved(state).any).toBe(false);
  state = edit(state, { type: "edited", draft: { grid: paint(grid, [0, 1], "off"), overrides: [] } });
  expect(unsaved(state)).toEqual({ cells: [0, 1], overrides: false, any: true });
  state = edit(state, { type: "edited", draft: { grid: paint(grid, [0, 1], "voicemail"), overrides: [] } });
  expect(unsaved(state).any).toBe(false);
});

it("notices a special date", () => {
  const state = edit(editingOf(rules(1)), {
    type: "edited",
    draft: { grid, overrides: [{ date: "2026-12-25", routing_method: "voicemail" }] },
  });
  expect(unsaved(state)).toEqual({ cells: [], overrides: true, any: true });
});

it("keeps edits over a reload, until they are saved or the schedule has changed", () => {
  const state = edit(editingOf(rules(4)), { type: "edited", draft: { grid: paint(grid, [9], "both"), overrides: [] } });
  keep("biz_1", state);
  expect(kept("biz_1", 4)?.grid[9]?.method).toBe("both");
  expect(kept("biz_2", 4)).toBeNull();
  expect(kept("biz_1", 5)).toBeNull();
  forget("biz_1");
  expect(kept("biz_1", 4)).toBeNull();
});

it("keeps nothing when there is nothing to keep", () => {
  const edited = edit(editingOf(rules(1)), { type: "edited", draft: { grid: paint(grid, [9], "both"), overrides: [] } });
  keep("biz_1", edited);
  keep("biz_1", edit(edited, { type: "undo" }));
  expect(kept("biz_1", 1)).toBeNull();
});

it("compares with the newer schedule after somebody else saved", () => {
  const state = edit(editingOf(rules(1)), { type: "edited", draft: { grid: paint(grid, [9], "both"), overrides: [] } });
  const rebased = edit(state, { type: "rebased", rules: rules(2, paint(grid, [9, 10], "both")) });
  expect(rebased.version).toBe(2);
  expect(unsaved(rebased).cells).toEqual([10]);
});
