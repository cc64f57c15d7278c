import type { DateOverride, RoutingRules } from "@/api/types";
import { type Grid, type History, begin, cellsOf, changes, gridOf, push, redo, undo } from "./grid";

/** What a person edits on this page. */
export interface Draft {
  grid: Grid;
  overrides: readonly DateOverride[];
}

export interface Editing {
  /** The version of the schedule that the edits started from. */
  version: number;
  saved: Draft;
  history: History<Draft>;
}

export type Action =
  | { type: "loaded"; rules: RoutingRules }
  | { type: "restored"; draft: Draft }
  | { type: "edited"; draft: Draft }
  | { type: "undo" }
  | { type: "redo" }
  /** Somebody else's version becomes the one compared with; the edits stay. */
  | { type: "rebased"; rules: RoutingRules };

export function draftOf(rules: RoutingRules): Draft {
  return { grid: gridOf(rules.cells), overrides: rules.schedule.overrides };
}

export function editingOf(rules: RoutingRules): Editing {
  const saved = draftOf(rules);
  return { version: rules.version, saved, history: begin(saved) };
}

export function edit(state: Editing, action: Action): Editing {
  switch (action.type) {
    case "loaded":
      return editingOf(action.rules);
    case "restored":
    case "edited":
      return { ...state, history: push(state.history, action.draft) };
    case "undo":
      return { ...state, history: undo(state.history) };
    case "redo":
      return { ...state, history: redo(state.history) };
    case "rebased":
      return { ...state, version: action.rules.version, saved: draftOf(action.rules) };
  }
}

function overrideKey(one: DateOverride): string {
  return JSON.stringify([
    one.date,
    one.start_time ?? "",
    one.end_time ?? "",
    one.routing_method,
    one.variant ?? "",
    one.label ?? "",
    one.paused ?? false,
  ]);
}

export function sameOverrides(a: readonly DateOverride[], b: readonly DateOverride[]): boolean {
  const sorted = (list: readonly DateOverride[]) => list.map(overrideKey).sort().join("\n");
  return sorted(a) === sorted(b);
}

/** What differs from the saved schedule. */
export function unsaved(state: Editing): { cells: number[]; overrides: boolean; any: boolean } {
  const { saved, history } = state;
  const cells = changes(saved.grid, history.present.grid);
  const overrides = !sameOverrides(saved.overrides, history.present.overrides);
  return { cells, overrides, any: cells.length > 0 || overrides };
}

const key = (business: string) => `mccc.routing.${business}`;

/** Keeps unsaved edits over a reload or a crash. */
export function keep(business: string, state: Editing): void {
  if (!unsaved(state).any) {
    localStorage.removeItem(key(business));
    return;
  }
  const { grid, overrides } = state.history.present;
  localStorage.setItem(key(business), JSON.stringify({ version: state.version, cells: cellsOf(grid), overrides }));
}

export function forget(business: string): void {
  localStorage.removeItem(key(business));
}

/** Edits kept earlier; those made over another version of the schedule are of no use. */
export function kept(business: string, version: number): Draft | null {
  const text = localStorage.getItem(key(business));
  if (text === null) return null;
  try {
    const found = JSON.parse(text) as { version: number; cells: RoutingRules["cells"]; overrides: DateOverride[] };
    if (found.version !== version || found.cells.length !== 336) return null;
    return { grid: gridOf(found.cells), overrides: found.overrides };
  } catch {
    return null;
  }
}
