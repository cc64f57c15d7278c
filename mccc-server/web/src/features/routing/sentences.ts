import { COLUMNS, type Grid, type GridCell, ROWS, indexOf, runsOf, sameCell } from "./grid";

/** One line of the schedule in words: these days, from row to row, this method. */
export interface Sentence {
  /** Columns, Monday first, ascending. */
  columns: readonly number[];
  top: number;
  /** Inclusive. */
  bottom: number;
  cell: GridCell;
  indices: readonly number[];
}

export interface Summary {
  /** What happens at marked times, earliest first. */
  sentences: readonly Sentence[];
  /** What happens at all other times; null when no method covers more than the rest. */
  otherwise: { cell: GridCell; indices: readonly number[] } | null;
}

/**
 * The grid in as few lines as a person would use: the method that covers most of the week becomes "all other times",
 * and equal hours on several days become one line.
 */
export function summarize(grid: Grid): Summary {
  const counts = new Map<string, number>();
  for (const cell of grid) {
    if (cell.split === null && cell.method !== null) counts.set(cell.method, (counts.get(cell.method) ?? 0) + 1);
  }
  const most = [...counts.entries()].sort((a, b) => b[1] - a[1])[0];
  const rest = most?.[0] ?? null;

  const lines: Sentence[] = [];
  const restIndices: number[] = [];
  for (let column = 0; column < COLUMNS; column += 1) {
    for (const run of runsOf(grid, column)) {
      const indices: number[] = [];
      for (let row = run.top; row <= run.bottom; row += 1) indices.push(indexOf({ column, row }));
      if (run.cell.split === null && run.cell.method === rest) {
        restIndices.push(...indices);
        continue;
      }
      const same = lines.findIndex(
        (line) => line.top === run.top && line.bottom === run.bottom && sameCell(line.cell, run.cell),
      );
      const found = lines[same];
      if (found) {
        lines[same] = { ...found, columns: [...found.columns, column], indices: [...found.indices, ...indices] };
      } else {
        lines.push({ columns: [column], top: run.top, bottom: run.bottom, cell: run.cell, indices });
      }
    }
  }
  lines.sort((a, b) => (a.columns[0] ?? 0) - (b.columns[0] ?? 0) || a.top - b.top);
  const cell = rest === null ? null : (grid.find((one) => one.split === null && one.method === rest) ?? null);
  return { sentences: lines, otherwise: cell === null ? null : { cell, indices: restIndices } };
}

/** Ranges of neighbouring columns: Monday to Friday is one, Monday and Wednesday are two. */
export function rangesOf(columns: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const column of columns) {
    const last = ranges.at(-1);
    if (last && last[1] + 1 === column) last[1] = column;
    else ranges.push([column, column]);
  }
  return ranges;
}

export function isWholeDay(sentence: Sentence): boolean {
  return sentence.top === 0 && sentence.bottom === ROWS - 1;
}
