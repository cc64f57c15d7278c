import { type KeyboardEvent, type MouseEvent, type PointerEvent, memo, useEffect, useMemo, useRef, useState } from "react";
import type { Method } from "@/api/types";
import { methodOfKey } from "@/lib/methods";
import type { Wall } from "@/lib/zone";
import { t } from "@/strings";
import { MethodIcons } from "@/ui/Method";
import {
  CELLS,
  COLUMNS,
  type Grid,
  type GridCell,
  type Pos,
  ROWS,
  type Rect,
  cellAt,
  columnOfDay,
  indexOf,
  indicesIn,
  posOf,
  rectOf,
  runsOf,
  step,
} from "./grid";
import { cellWords, dayWord, shortClock, shortDayWord } from "./words";

/** Where the popover of a selection belongs. */
export interface Choice {
  rect: Rect;
  box: DOMRect;
}

interface Props {
  grid: Grid;
  changed: ReadonlySet<number>;
  gaps: ReadonlySet<number>;
  /** Cells that something beside the grid points at. */
  marked: ReadonlySet<number>;
  selection: Rect | null;
  /** The next tap ends the range instead of starting one. */
  extending: boolean;
  now: Wall | null;
  onSelect: (rect: Rect | null) => void;
  onChoose: (choice: Choice) => void;
  onPaint: (indices: readonly number[], method: Method) => void;
}

/** How long a finger rests before it paints instead of scrolling. */
const REST_MS = 320;

export function WeekGrid(props: Props) {
  const { grid, selection, now } = props;
  const root = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [focus, setFocus] = useState<Pos>({ column: 0, row: 16 });
  const [anchor, setAnchor] = useState<Pos>({ column: 0, row: 16 });
  const drag = useRef<{ anchor: Pos; last: Pos } | null>(null);
  const touch = useRef<{ x: number; y: number; timer: ReturnType<typeof setTimeout>; pos: Pos } | null>(null);
  // A finger that lifts also clicks, on whatever lies under it by then; nothing may open before that click.
  const tapped = useRef<Pos | null>(null);
  const unclick = useRef(false);
  // Moves of the focus that this grid makes itself.
  const moving = useRef(false);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  const heads = useMemo(() => headsOf(grid), [grid]);
  const selected = useMemo(() => new Set(selection ? indicesIn(selection) : []), [selection]);

  // Core hours are in view first: 7 AM at the top.
  useEffect(() => {
    const seven = cellElement(root.current, { column: 0, row: 14 });
    if (scroller.current && seven && root.current) {
      const head = root.current.querySelector<HTMLElement>(".week-day")?.offsetHeight ?? 0;
      scroller.current.scrollTop = seven.offsetTop - head - 10;
    }
  }, []);

  // While a finger paints, the page must not scroll; only a listener that may cancel can say so.
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const hold = (event: TouchEvent) => {
      if (drag.current && event.cancelable) event.preventDefault();
    };
    const lift = (event: TouchEvent) => {
      if (unclick.current && event.cancelable) event.preventDefault();
      unclick.current = false;
    };
    element.addEventListener("touchmove", hold, { passive: false });
    element.addEventListener("touchend", lift, { passive: false });
    return () => {
      element.removeEventListener("touchmove", hold);
      element.removeEventListener("touchend", lift);
    };
  }, []);

  const choose = (rect: Rect, at: Pos) => {
    const element = cellElement(root.current, at);
    if (element) props.onChoose({ rect, box: element.getBoundingClientRect() });
  };

  const focusCell = (pos: Pos, preventScroll: boolean) => {
    moving.current = true;
    const element = cellElement(root.current, pos);
    element?.focus({ preventScroll });
    if (!preventScroll) element?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
    moving.current = false;
  };

  /** The cell at a point, also beyond the edges. */
  const posAt = (x: number, y: number): Pos => {
    const first = cellElement(root.current, { column: 0, row: 0 })?.getBoundingClientRect();
    const last = cellElement(root.current, { column: COLUMNS - 1, row: ROWS - 1 })?.getBoundingClientRect();
    if (!first || !last) return focus;
    const part = (value: number, from: number, to: number, parts: number) =>
      Math.max(0, Math.min(parts - 1, Math.floor(((value - from) / (to - from)) * parts)));
    return {
      column: part(x, first.left, last.right, COLUMNS),
      row: part(y, first.top, last.bottom, ROWS),
    };
  };

  const begin = (pos: Pos) => {
    drag.current = { anchor: pos, last: pos };
    setAnchor(pos);
    setFocus(pos);
    latest.current.onSelect(rectOf(pos, pos));
  };

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    const pos = posOfTarget(event.target);
    if (!pos || event.button !== 0) return;
    if (event.pointerType === "touch") {
      const { clientX: x, clientY: y } = event;
      const timer = setTimeout(() => {
        touch.current = null;
        navigator.vibrate?.(10);
        begin(pos);
      }, REST_MS);
      touch.current = { x, y, timer, pos };
      return;
    }
    focusCell(pos, true);
    event.currentTarget.setPointerCapture(event.pointerId);
    if (event.shiftKey) {
      drag.current = { anchor, last: pos };
      setFocus(pos);
      props.onSelect(rectOf(anchor, pos));
    } else {
      begin(pos);
    }
  };

  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const resting = touch.current;
    if (resting && Math.hypot(event.clientX - resting.x, event.clientY - resting.y) > 10) {
      clearTimeout(resting.timer);
      touch.current = null;
    }
    const dragging = drag.current;
    if (!dragging) return;
    follow(scroller.current, event.clientY);
    const pos = posAt(event.clientX, event.clientY);
    if (pos.column === dragging.last.column && pos.row === dragging.last.row) return;
    dragging.last = pos;
    setFocus(pos);
    props.onSelect(rectOf(dragging.anchor, pos));
  };

  const onPointerUp = (event: PointerEvent<HTMLDivElement>) => {
    if (touch.current) {
      clearTimeout(touch.current.timer);
      tapped.current = touch.current.pos;
      touch.current = null;
      return;
    }
    const dragging = drag.current;
    drag.current = null;
    if (!dragging) return;
    unclick.current = event.pointerType === "touch";
    choose(rectOf(dragging.anchor, dragging.last), dragging.last);
  };

  /** A tap, or assistive software that clicks without a pointer; the mouse has had its say already. */
  const onClick = (event: MouseEvent<HTMLDivElement>) => {
    const pos = tapped.current ?? (event.detail === 0 ? posOfTarget(event.target) : null);
    tapped.current = null;
    if (!pos) return;
    const from = props.extending ? anchor : pos;
    if (!props.extending) setAnchor(pos);
    setFocus(pos);
    props.onSelect(rectOf(from, pos));
    choose(rectOf(from, pos), pos);
  };

  const onPointerCancel = () => {
    if (touch.current) clearTimeout(touch.current.timer);
    touch.current = null;
    tapped.current = null;
    if (drag.current) props.onSelect(null);
    drag.current = null;
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const rect = selection ?? rectOf(focus, focus);
    const method = methodOfKey(event.key);
    const target = step(focus, event.key);
    if (target) {
      event.preventDefault();
      setFocus(target);
      if (event.shiftKey) {
        props.onSelect(rectOf(anchor, target));
      } else {
        setAnchor(target);
        props.onSelect(null);
      }
      focusCell(target, false);
    } else if (method) {
      event.preventDefault();
      props.onPaint(indicesIn(rect), method);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      props.onSelect(rect);
      choose(rect, focus);
    } else if (event.key === "Escape" && selection) {
      event.preventDefault();
      setAnchor(focus);
      props.onSelect(null);
    }
  };

  const today = now ? columnOfDay(now.weekday) : -1;
  return (
    <div className="week-scroller" ref={scroller}>
      <div
        ref={root}
        className="week"
        role="grid"
        aria-label={t.routing.grid}
        aria-describedby="week-help"
        aria-multiselectable="true"
        aria-rowcount={ROWS + 1}
        aria-colcount={COLUMNS + 1}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onPointerCancel}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onFocus={(event) => {
          // A screen reader puts the focus where it reads; the keys go on from there. A tap has its own way.
          const own = moving.current || tapped.current !== null || props.extending;
          const pos = own ? null : posOfTarget(event.target);
          if (!pos || (pos.column === focus.column && pos.row === focus.row)) return;
          setFocus(pos);
          setAnchor(pos);
        }}
      >
        <div role="row" className="week-row">
          <div role="columnheader" className="week-day week-corner">
            <span className="hidden-visually">{t.routing.hourColumn}</span>
          </div>
          {columns.map((column) => (
            <div key={column} role="columnheader" className="week-day" data-today={column === today || undefined}>
              <span aria-hidden="true">{shortDayWord(column)}</span>
              <span className="hidden-visually">{dayWord(column)}</span>
            </div>
          ))}
        </div>
        {rows.map((row) => (
          <div role="row" className="week-row" key={row}>
            <div role="rowheader" className="week-hour" data-hour={row % 2 === 0 || undefined}>
              <span className={row % 2 === 0 ? undefined : "hidden-visually"}>{shortClock(row)}</span>
            </div>
            {columns.map((column) => {
              const index = indexOf({ column, row });
              return (
                <Cell
                  key={index}
                  index={index}
                  cell={cellAt(grid, index)}
                  head={heads[index] ?? null}
                  tabbable={focus.column === column && focus.row === row}
                  selected={selected.has(index)}
                  changed={props.changed.has(index)}
                  gap={props.gaps.has(index)}
                  marked={props.marked.has(index)}
                />
              );
            })}
          </div>
        ))}
        {selection && (
          <div
            className="week-selection"
            aria-hidden="true"
            style={{
              gridColumn: `${selection.left + 2} / ${selection.right + 3}`,
              gridRow: `${selection.top + 2} / ${selection.bottom + 3}`,
            }}
          />
        )}
        {now && (
          <div
            className="week-now"
            aria-hidden="true"
            style={{
              gridColumn: `${today + 2} / ${today + 3}`,
              gridRow: `${now.hour * 2 + (now.minute >= 30 ? 1 : 0) + 2} / span 1`,
            }}
          >
            <span style={{ top: `${((now.minute % 30) / 30) * 100}%` }} />
          </div>
        )}
      </div>
      <p id="week-help" className="hidden-visually">
        {t.routing.gridHelp}
      </p>
    </div>
  );
}

const columns = Array.from({ length: COLUMNS }, (_, column) => column);
const rows = Array.from({ length: ROWS }, (_, row) => row);

/** What a cell shows of the run it belongs to: words where the run starts, icons now and then below. */
type Head = "first" | "again" | null;

function headsOf(grid: Grid): Head[] {
  const heads: Head[] = Array.from({ length: CELLS }, () => null);
  for (const column of columns) {
    for (const run of runsOf(grid, column)) {
      heads[indexOf({ column, row: run.top })] = "first";
      for (let row = run.top + 8; row <= run.bottom; row += 8) heads[indexOf({ column, row })] = "again";
    }
  }
  return heads;
}

interface CellProps {
  index: number;
  cell: GridCell;
  head: Head;
  tabbable: boolean;
  selected: boolean;
  changed: boolean;
  gap: boolean;
  marked: boolean;
}

const Cell = memo(function Cell(props: CellProps) {
  const { cell, head } = props;
  const pos = posOf(props.index);
  const words = cellWords(pos, cell);
  const shown = cell.split ? cell.split[0] : cell.method;
  return (
    <div
      role="gridcell"
      className="week-cell"
      tabIndex={props.tabbable ? 0 : -1}
      data-index={props.index}
      data-method={cell.split ? undefined : (cell.method ?? undefined)}
      data-first={head === "first" || undefined}
      data-hour={pos.row % 2 === 0 || undefined}
      data-changed={props.changed || undefined}
      data-gap={props.gap || undefined}
      data-marked={props.marked || undefined}
      aria-selected={props.selected}
      aria-label={props.changed ? t.list([words, t.routing.changed]) : words}
      title={words}
    >
      {cell.split?.map((method, index) => <span key={index} className="week-half" data-method={method} />)}
      {head !== null && shown && (
        <span className="week-head-label" aria-hidden="true">
          <MethodIcons method={shown} size={14} />
          {head === "first" && !cell.split && <span className="week-name">{t.method.name[shown]}</span>}
        </span>
      )}
    </div>
  );
});

function cellElement(root: HTMLElement | null, pos: Pos): HTMLElement | null {
  return root?.querySelector<HTMLElement>(`[data-index="${indexOf(pos)}"]`) ?? null;
}

function posOfTarget(target: EventTarget): Pos | null {
  const index = target instanceof Element ? target.closest<HTMLElement>("[data-index]")?.dataset.index : undefined;
  return index === undefined ? null : posOf(Number(index));
}

/** Scrolls along when the pointer comes near the upper or lower edge. */
function follow(scroller: HTMLElement | null, y: number): void {
  if (!scroller) return;
  const box = scroller.getBoundingClientRect();
  const edge = 40;
  if (y < box.top + edge) scroller.scrollTop -= 12;
  else if (y > box.bottom - edge) scroller.scrollTop += 12;
}
