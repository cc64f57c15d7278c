import { describe, expect, it } from "vitest";
import type { Cell, Method } from "@/api/types";
import { METHODS } from "@/lib/methods";
import {
  CELLS,
  begin,
  cellsOf,
  changes,
  columnOfDay,
  dayOfColumn,
  gaps,
  gridOf,
  indicesIn,
  paint,
  push,
  rectOf,
  redo,
  rowOfTime,
  runsOf,
  step,
  timeOfRow,
  undo,
} from "./grid";
import { DEFAULT_HOURS, defaults, inside, outside, recommended } from "./presets";
import { rangesOf, summarize } from "./sentences";

/** Small deterministic generator, so that a failure names its seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function anyCells(seed: number): Cell[] {
  const next = random(seed);
  const any = (): Method => METHODS[Math.floor(next() * METHODS.length)] ?? "off";
  return Array.from({ length: CELLS }, (_, index) => {
    const cell = { day: dayOfColumn(Math.floor(index / 48)), start_time: timeOfRow(index % 48) };
    return next() < 0.05
      ? { ...cell, routing_method: "split" as const, methods: [any(), any()] }
      : { ...cell, routing_method: any() };
  });
}

const blank = gridOf([]);

describe("wire form", () => {
  it("survives the way in and out for every grid", () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const cells = anyCells(seed);
      expect(cellsOf(gridOf(cells)), `seed ${seed}`).toEqual(cells);
    }
  });

  it("has 336 cells, Monday midnight first, Sunday as day 0 last", () => {
    const cells = cellsOf(blank);
    expect(cells).toHaveLength(336);
    expect(cells[0]).toEqual({ day: 1, start_time: "00:00", routing_method: null });
    expect(cells[335]).toEqual({ day: 0, start_time: "23:30", routing_method: null });
  });

  it("does not depend on the order of cells", () => {
    const cells = anyCells(7);
    expect(gridOf(cells.toReversed())).toEqual(gridOf(cells));
  });

  it("turns days and times both ways", () => {
    for (let day = 0; day < 7; day += 1) expect(dayOfColumn(columnOfDay(day))).toBe(day);
    for (let row = 0; row < 48; row += 1) expect(rowOfTime(timeOfRow(row))).toBe(row);
    expect(timeOfRow(48)).toBe("24:00");
  });
});

describe("selection", () => {
  it("is the rectangle between two corners, whichever came first", () => {
    const rect = rectOf({ column: 4, row: 30 }, { column: 1, row: 21 });
    expect(rect).toEqual({ left: 1, right: 4, top: 21, bottom: 30 });
    expect(indicesIn(rect)).toHaveLength(40);
  });

  it("stops at the edges", () => {
    expect(step({ column: 0, row: 0 }, "ArrowUp")).toEqual({ column: 0, row: 0 });
    expect(step({ column: 0, row: 0 }, "ArrowLeft")).toEqual({ column: 0, row: 0 });
    expect(step({ column: 6, row: 47 }, "ArrowRight")).toEqual({ column: 6, row: 47 });
    expect(step({ column: 6, row: 44 }, "PageDown")).toEqual({ column: 6, row: 47 });
    expect(step({ column: 3, row: 9 }, "End")).toEqual({ column: 3, row: 47 });
    expect(step({ column: 3, row: 9 }, "x")).toBeNull();
  });
});

describe("painting", () => {
  it("changes the selected cells and no other", () => {
    const before = gridOf(anyCells(3));
    const selected = indicesIn(rectOf({ column: 0, row: 4 }, { column: 2, row: 9 }));
    const after = paint(before, selected, "off");
    for (const index of selected) expect(after[index]).toEqual({ method: "off", split: null });
    for (const index of changes(before, after)) expect(selected).toContain(index);
  });

  it("is no edit when every cell has the method already", () => {
    const painted = paint(blank, [1, 2], "both");
    expect(paint(painted, [1, 2], "both")).toBe(painted);
  });

  it("replaces a split cell even by its own first method", () => {
    const grid = gridOf([{ day: 1, start_time: "00:00", routing_method: "split", methods: ["both", "off"] }]);
    expect(changes(grid, paint(grid, [0], "both"))).toEqual([0]);
  });

  it("leaves split cells alone when others are painted", () => {
    const grid = gridOf([{ day: 1, start_time: "00:00", routing_method: "split", methods: ["both", "off"] }]);
    expect(cellsOf(paint(grid, [1], "off"))[0]).toEqual({
      day: 1,
      start_time: "00:00",
      routing_method: "split",
      methods: ["both", "off"],
    });
  });

  it("finds what has no method", () => {
    expect(gaps(blank)).toHaveLength(336);
    expect(gaps(defaults(blank))).toEqual([]);
  });
});

describe("undo", () => {
  it("walks back and forth, and a new edit ends what could be redone", () => {
    const one = push(begin(blank), paint(blank, [0], "off"));
    const two = push(one, paint(one.present, [1], "both"));
    expect(undo(two).present).toBe(one.present);
    expect(undo(undo(two)).present).toBe(blank);
    expect(undo(undo(undo(two))).present).toBe(blank);
    expect(redo(undo(two)).present).toBe(two.present);
    const other = push(undo(two), paint(one.present, [5], "off"));
    expect(redo(other)).toBe(other);
  });

  it("does not remember an edit that changed nothing", () => {
    const history = begin(blank);
    expect(push(history, blank)).toBe(history);
  });
});

describe("presets", () => {
  it("default to Monday to Friday from eight to six", () => {
    expect(inside(DEFAULT_HOURS)).toHaveLength(5 * 20);
    const grid = defaults(blank);
    expect(grid[columnOfDay(1) * 48 + 16]?.method).toBe("ai_voice");
    expect(grid[columnOfDay(5) * 48 + 35]?.method).toBe("ai_voice");
    expect(grid[columnOfDay(5) * 48 + 36]?.method).toBe("voicemail");
    expect(grid[columnOfDay(6) * 48 + 20]?.method).toBe("voicemail");
  });

  it("take after hours to be all that is not wholly open", () => {
    const hours = [1, 2, 3, 4, 5].map((day) => ({ day, start_time: "08:15", end_time: "17:00" }));
    const closed = outside(hours);
    // 08:00 to 08:30 is open for half of it only.
    expect(closed).toHaveLength(336 - 5 * 17);
    expect(closed).toContain(columnOfDay(1) * 48 + 16);
    expect(closed).not.toContain(columnOfDay(1) * 48 + 17);
    expect(outside([{ day: 0, start_time: "00:00", end_time: "24:00" }])).toHaveLength(336 - 48);
  });

  it("repaint the whole week, splits included", () => {
    const grid = recommended(gridOf(anyCells(11)));
    expect(gaps(grid)).toEqual([]);
    expect(grid.every((cell) => cell.split === null)).toBe(true);
    expect(grid[columnOfDay(6) * 48 + 16]?.method).toBe("both");
    expect(grid[columnOfDay(2) * 48 + 36]?.method).toBe("auto_text_only");
  });
});

describe("sentences", () => {
  it("say the default schedule in two", () => {
    const { sentences, otherwise } = summarize(defaults(blank));
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toMatchObject({ columns: [0, 1, 2, 3, 4], top: 16, bottom: 35 });
    expect(otherwise?.cell.method).toBe("voicemail");
    expect(otherwise?.indices).toHaveLength(236);
  });

  it("cover every half hour exactly once, for any grid", () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      const { sentences, otherwise } = summarize(gridOf(anyCells(seed)));
      const seen = [...sentences.flatMap((sentence) => sentence.indices), ...(otherwise?.indices ?? [])];
      expect(seen.toSorted((a, b) => a - b), `seed ${seed}`).toEqual(Array.from({ length: 336 }, (_, i) => i));
    }
  });

  it("join neighbouring days", () => {
    expect(rangesOf([0, 1, 2, 4, 6])).toEqual([
      [0, 2],
      [4, 4],
      [6, 6],
    ]);
  });

  it("keep a split half hour apart from its neighbours", () => {
    const grid = paint(blank, Array.from({ length: 336 }, (_, i) => i), "off");
    const cut = gridOf(
      cellsOf(grid).map((cell, i) =>
        i === 3 ? { ...cell, routing_method: "split" as const, methods: ["off", "both"] as Method[] } : cell,
      ),
    );
    expect(runsOf(cut, 0).map((run) => [run.top, run.bottom])).toEqual([
      [0, 2],
      [3, 3],
      [4, 47],
    ]);
  });
});
