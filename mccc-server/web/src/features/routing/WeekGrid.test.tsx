import { act, useState } from "react";
import { type Root, createRoot } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Method } from "@/api/types";
import { type Choice, WeekGrid } from "./WeekGrid";
import { type Grid, type Rect, gridOf, indicesIn, paint } from "./grid";
import { defaults } from "./presets";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

let root: Root;
let host: HTMLElement;
let grid: Grid;
const chosen = vi.fn<(choice: Choice) => void>();

function Harness() {
  const [shown, setShown] = useState(() => defaults(gridOf([])));
  const [selection, setSelection] = useState<Rect | null>(null);
  grid = shown;
  return (
    <WeekGrid
      grid={shown}
      changed={new Set()}
      gaps={new Set()}
      marked={new Set()}
      selection={selection}
      extending={false}
      now={null}
      onSelect={setSelection}
      onChoose={chosen}
      onPaint={(indices: readonly number[], method: Method) => setShown((now) => paint(now, indices, method))}
    />
  );
}

beforeEach(async () => {
  chosen.mockReset();
  host = document.createElement("div");
  document.body.append(host);
  root = createRoot(host);
  await act(async () => root.render(<Harness />));
});

afterEach(async () => {
  await act(async () => root.unmount());
  host.remove();
});

const cell = (index: number) => host.querySelector<HTMLElement>(`[data-index="${index}"]`)!;
const focusable = () => host.querySelectorAll('[role="gridcell"][tabindex="0"]');
const selectedCount = () => host.querySelectorAll('[aria-selected="true"]').length;

async function press(...keys: string[]) {
  for (const pressed of keys) {
    const shiftKey = pressed.startsWith("Shift+");
    const key = pressed.replace("Shift+", "");
    await act(async () => {
      (focusable()[0] ?? host).dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true }));
    });
  }
}

describe("with the keyboard", () => {
  it("is one stop, and arrows move inside it", async () => {
    expect(focusable()).toHaveLength(1);
    expect(focusable()[0]).toBe(cell(16));
    await press("ArrowRight", "ArrowDown");
    expect(focusable()[0]).toBe(cell(48 + 17));
  });

  it("goes on from wherever the focus was put", async () => {
    await act(async () => cell(100).focus());
    await press("5");
    expect(grid[100]?.method).toBe("off");
    await press("ArrowDown", "5");
    expect(grid[101]?.method).toBe("off");
  });

  it("paints the cell at once with a method's key", async () => {
    await press("5");
    expect(grid[16]?.method).toBe("off");
  });

  it("selects a rectangle with shift and paints all of it", async () => {
    await press("Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown");
    expect(selectedCount()).toBe(6);
    await press("3");
    expect([16, 17, 18, 64, 65, 66].map((index) => grid[index]?.method)).toEqual(Array(6).fill("both"));
    expect(grid[19]?.method).toBe("ai_voice");
  });

  it("offers the methods on Enter and lets go on Escape without a change", async () => {
    const before = grid;
    await press("Shift+ArrowDown", "Enter");
    expect(chosen).toHaveBeenCalledOnce();
    expect(indicesIn(chosen.mock.calls[0]![0].rect)).toEqual([16, 17]);
    await press("Escape");
    expect(selectedCount()).toBe(0);
    expect(grid).toBe(before);
  });
});

describe("with a pointer", () => {
  const pointer = (type: string, target: HTMLElement, init: PointerEventInit = {}) =>
    act(async () => {
      target.dispatchEvent(new PointerEvent(type, { bubbles: true, button: 0, pointerType: "mouse", pointerId: 1, ...init }));
    });

  it("selects one cell on a click and extends with shift", async () => {
    HTMLElement.prototype.setPointerCapture = () => undefined;
    await pointer("pointerdown", cell(100));
    await pointer("pointerup", cell(100));
    expect(chosen.mock.lastCall![0].rect).toEqual({ left: 2, right: 2, top: 4, bottom: 4 });
    await pointer("pointerdown", cell(150), { shiftKey: true });
    await pointer("pointerup", cell(150));
    expect(chosen.mock.lastCall![0].rect).toEqual({ left: 2, right: 3, top: 4, bottom: 6 });
  });

  it("selects on a tap, but not when the finger scrolls", async () => {
    await pointer("pointerdown", cell(60), { pointerType: "touch", clientX: 10, clientY: 10 });
    await pointer("pointermove", cell(60), { pointerType: "touch", clientX: 10, clientY: 60 });
    await pointer("pointerup", cell(60), { pointerType: "touch" });
    expect(chosen).not.toHaveBeenCalled();
    await pointer("pointerdown", cell(60), { pointerType: "touch", clientX: 10, clientY: 10 });
    await pointer("pointerup", cell(60), { pointerType: "touch" });
    expect(chosen, "before the click of the lifting finger").not.toHaveBeenCalled();
    await act(async () => cell(60).dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 })));
    expect(chosen).toHaveBeenCalledOnce();
  });

  it("answers assistive software that clicks without a pointer", async () => {
    await act(async () => cell(7).dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 0 })));
    expect(chosen.mock.lastCall![0].rect).toEqual({ left: 0, right: 0, top: 7, bottom: 7 });
  });
});

it("says what a cell is in words", () => {
  expect(cell(16).getAttribute("aria-label")).toBe("Monday 8:00 AM – 8:30 AM: AI Voice");
  expect(cell(335).getAttribute("aria-label")).toBe("Sunday 11:30 PM – 12:00 AM: Voicemail");
});
