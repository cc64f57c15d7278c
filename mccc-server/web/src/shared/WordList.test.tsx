import { act, useState } from "react";
import { type Root, createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Hours } from "@/api/types";
import { HoursEditor } from "./HoursEditor";
import { WordList } from "./WordList";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

let root: Root;
let host: HTMLElement;
let words: readonly string[];
let hours: readonly Hours[];

function Harness() {
  const [list, setList] = useState(["drains"]);
  const [week, setWeek] = useState<Hours[]>([{ day: 1, start: "08:00", end: "24:00" }]);
  words = list;
  hours = week;
  return (
    <>
      <WordList label="Services" words={list} onChange={setList} />
      <HoursEditor label="Hours" hours={week} onChange={setWeek} />
    </>
  );
}

beforeEach(async () => {
  host = document.createElement("div");
  document.body.append(host);
  root = createRoot(host);
  await act(async () => root.render(<Harness />));
});

afterEach(async () => {
  await act(async () => root.unmount());
  host.remove();
});

const labelled = (words: string) =>
  [...host.querySelectorAll<HTMLElement>("[aria-label]")].find((one) => one.getAttribute("aria-label") === words)!;

/** Types as React hears it. */
async function type(field: HTMLInputElement, text: string) {
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
  await act(async () => {
    set?.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

it("takes several words at once, each only once, and lets them go again", async () => {
  const field = host.querySelector<HTMLInputElement>("input:not([type])")!;
  await type(field, "leaks, Drains , gas,leaks");
  await act(async () => {
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  });
  expect(words).toEqual(["drains", "leaks", "gas"]);
  expect(field.value).toBe("");
  await act(async () => labelled("Remove leaks").click());
  expect(words).toEqual(["drains", "gas"]);
  expect(document.activeElement).toBe(field);
});

it("opens a day, and keeps midnight at the end of a day as the server writes it", async () => {
  expect((labelled("Monday, closes") as HTMLInputElement).value).toBe("00:00");
  await act(async () => labelled("Add hours on Saturday").click());
  expect(hours).toContainEqual({ day: 6, start: "08:00", end: "17:00" });
  await type(labelled("Saturday, closes") as HTMLInputElement, "00:00");
  expect(hours).toContainEqual({ day: 6, start: "08:00", end: "24:00" });
  await type(labelled("Saturday, opens") as HTMLInputElement, "24:00");
  await act(async () => labelled("Remove hours 1 on Monday").click());
  expect(hours.filter((one) => one.day === 1)).toEqual([]);
});
