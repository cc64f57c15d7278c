import { act } from "react";
import { type Root, createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it } from "vitest";
import { t } from "@/strings";
import { Dialog } from "./Dialog";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

let root: Root;
let host: HTMLElement;
let closed: number;

beforeEach(async () => {
  closed = 0;
  host = document.createElement("div");
  document.body.append(host);
  root = createRoot(host);
  await act(async () =>
    root.render(
      <Dialog title={t.common.save} onClose={() => (closed += 1)}>
        <input />
      </Dialog>,
    ),
  );
});

afterEach(async () => {
  await act(async () => root.unmount());
  host.remove();
});

const press = (target: Element) =>
  act(async () => {
    target.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
  });
const beside = () =>
  act(async () => {
    const event = new Event("pointerdown", { bubbles: true });
    host.querySelector("dialog")?.dispatchEvent(Object.assign(event, { clientX: -5, clientY: -5 }));
  });
const fill = () =>
  act(async () => {
    host.querySelector("input")?.dispatchEvent(new Event("input", { bubbles: true }));
  });
const button = (words: string) => [...host.querySelectorAll("button")].find((one) => one.textContent === words);

it("is closed by Escape and by a press beside it while nothing was filled in", async () => {
  await press(host.querySelector("dialog")!);
  await beside();
  expect(closed).toBe(2);
});

it("keeps what was filled in until it is thrown away on purpose", async () => {
  await fill();
  await beside();
  expect(closed).toBe(0);
  await press(host.querySelector("input")!);
  expect(closed).toBe(0);
  expect(host.textContent).toContain(t.common.discardAsk);
  await act(async () => button(t.common.keepEditing)?.click());
  expect(host.textContent).not.toContain(t.common.discardAsk);
  await press(host.querySelector("input")!);
  await act(async () => button(t.common.discard)?.click());
  expect(closed).toBe(1);
});
