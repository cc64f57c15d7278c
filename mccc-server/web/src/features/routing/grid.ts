import type { Cell, Method } from "@/api/types";

/** Seven columns, Monday first, of 48 half hours. */
export const COLUMNS = 7;
export const ROWS = 48;
export const CELLS = COLUMNS * ROWS;

/** A half hour; `split` where a quarter-hour boundary cuts it, null where nothing is assigned. */
export interface GridCell {
  method: Method | null;
  split: readonly Method[] | null;
}

/** Column after column, each from midnight to midnight. */
export type Grid = readonly GridCell[];

export interface Pos {
  column: number;
  row: number;
}

/** Both corners belong to the selection. */
export interface Rect {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export function indexOf(pos: Pos): number {
  return pos.column * ROWS + pos.row;
}

export function posOf(index: number): Pos {
  return { column: Math.floor(index / ROWS), row: index % ROWS };
}

/** 0 = Sunday, as the API counts. */
export function dayOfColumn(column: number): number {
  return (column + 1) % COLUMNS;
}

export function columnOfDay(day: number): number {
  return (day + 6) % COLUMNS;
}

/** `HH:MM` at the start of a row; row 48 is `24:00`. */
export function timeOfRow(row: number): string {
  return `${String(Math.floor(row / 2)).padStart(2, "0")}:${row % 2 === 0 ? "00" : "30"}`;
}

/** The row that contains `HH:MM`. */
export function rowOfTime(time: string): number {
  const [hours, minutes] = time.split(":").map(Number);
  return (hours ?? 0) * 2 + ((minutes ?? 0) >= 30 ? 1 : 0);
}

const EMPTY: GridCell = { method: null, split: null };

export function cellAt(grid: Grid, index: number): GridCell {
  return grid[index] ?? EMPTY;
}

/** Cells the server did not name stay without a method, which a save refuses. */
export function gridOf(cells: readonly Cell[]): Grid {
  const grid: GridCell[] = Array.from({ length: CELLS }, () => EMPTY);
  for (const cell of cells) {
    const index = indexOf({ column: columnOfDay(cell.day), row: rowOfTime(cell.start_time) });
    if (index < 0 || index >= CELLS) continue;
    grid[index] =
      cell.routing_method === "split"
        ? { method: null, split: cell.methods ?? [] }
        : { method: cell.routing_method, split: null };
  }
  return grid;
}

/** All 336 cells, Monday's midnight first. */
export function cellsOf(grid: Grid): Cell[] {
  return grid.map((cell, index) => {
    const { column, row } = posOf(index);
    const wire = { day: dayOfColumn(column), start_time: timeOfRow(row) };
    return cell.split
      ? { ...wire, routing_method: "split", methods: [...cell.split] }
      : { ...wire, routing_method: cell.method };
  });
}

export function rectOf(a: Pos, b: Pos): Rect {
  return {
    left: Math.min(a.column, b.column),
    right: Math.max(a.column, b.column),
    top: Math.min(a.row, b.row),
    bottom: Math.max(a.row, b.row),
  };
}

export function indicesIn(rect: Rect): number[] {
  const indices: number[] = [];
  for (let column = rect.left; column <= rect.right; column += 1) {
    for (let row = rect.top; row <= rect.bottom; row += 1) indices.push(indexOf({ column, row }));
  }
  return indices;
}

/** The same grid object when nothing changes, so that an idle repaint is no edit. */
export function paint(grid: Grid, indices: readonly number[], method: Method): Grid {
  const painted = grid.slice();
  let changed = false;
  for (const index of indices) {
    const cell = grid[index];
    if (!cell || (cell.method === method && cell.split === null)) continue;
    painted[index] = { method, split: null };
    changed = true;
  }
  return changed ? painted : grid;
}

export function sameCell(a: GridCell, b: GridCell): boolean {
  const one = a.split ?? [];
  const other = b.split ?? [];
  return a.method === b.method && one.length === other.length && one.every((method, i) => method === other[i]);
}

/** Indices at which two grids differ. */
export function changes(before: Grid, after: Grid): number[] {
  const found: number[] = [];
  for (let index = 0; index < CELLS; index += 1) {
    if (!sameCell(cellAt(before, index), cellAt(after, index))) found.push(index);
  }
  return found;
}

/** Indices without any method. */
export function gaps(grid: Grid): number[] {
  const found: number[] = [];
  for (let index = 0; index < CELLS; index += 1) {
    const cell = cellAt(grid, index);
    if (cell.method === null && cell.split === null) found.push(index);
  }
  return found;
}

/** Where a key leads from a cell; null for keys that lead nowhere. The edges hold. */
export function step(pos: Pos, key: string): Pos | null {
  const clamp = (column: number, row: number): Pos => ({
    column: Math.max(0, Math.min(COLUMNS - 1, column)),
    row: Math.max(0, Math.min(ROWS - 1, row)),
  });
  switch (key) {
    case "ArrowUp":
      return clamp(pos.column, pos.row - 1);
    case "ArrowDown":
      return clamp(pos.column, pos.row + 1);
    case "ArrowLeft":
      return clamp(pos.column - 1, pos.row);
    case "ArrowRight":
      return clamp(pos.column + 1, pos.row);
    case "PageUp":
      return clamp(pos.column, pos.row - 8);
    case "PageDown":
      return clamp(pos.column, pos.row + 8);
    case "Home":
      return clamp(pos.column, 0);
    case "End":
      return clamp(pos.column, ROWS - 1);
    default:
      return null;
  }
}

/** What an earlier and a later edit looked like. */
export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
}

const HISTORY = 100;

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [] };
}

export function push<T>(history: History<T>, present: T): History<T> {
  if (Object.is(present, history.present)) return history;
  return { past: [...history.past, history.present].slice(-HISTORY), present, future: [] };
}

export function undo<T>(history: History<T>): History<T> {
  const previous = history.past.at(-1);
  if (previous === undefined) return history;
  return { past: history.past.slice(0, -1), present: previous, future: [history.present, ...history.future] };
}

export function redo<T>(history: History<T>): History<T> {
  const next = history.future[0];
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future: history.future.slice(1) };
}

/** Neighbouring half hours of one column that look alike. */
export interface Run {
  column: number;
  top: number;
  /** Inclusive. */
  bottom: number;
  cell: GridCell;
}

export function runsOf(grid: Grid, column: number): Run[] {
  const runs: Run[] = [];
  for (let row = 0; row < ROWS; row += 1) {
    const cell = cellAt(grid, indexOf({ column, row }));
    const last = runs.at(-1);
    if (last && cell.split === null && sameCell(last.cell, cell)) last.bottom = row;
    else runs.push({ column, top: row, bottom: row, cell });
  }
  return runs;
}
