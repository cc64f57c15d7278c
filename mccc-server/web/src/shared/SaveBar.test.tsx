import { act } from "react";
import { type Root, createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "@/api/client";
import type { Business, Session } from "@/api/types";
import { CurrentContext } from "@/lib/business";
import { zoneOf } from "@/lib/zone";
import { DraftNotes, SaveBar } from "./SaveBar";
import type { Draft } from "./useDraft";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

let root: Root;
let host: HTMLElement;
const save = vi.fn();

const untouched: Draft<string> = {
  value: "",
  saved: "",
  dirty: false,
  change: vi.fn(),
  discard: vi.fn(),
  save,
  saving: false,
  justSaved: false,
  savedAt: "2026-11-20T12:00:00Z",
  stale: false,
  loadTheirs: vi.fn(),
  saveMine: vi.fn(),
  error: null,
  fields: [],
  restored: false,
  leaving: null,
};

async function show(draft: Partial<Draft<string>>, role = "owner") {
  const session = { businesses: [{ id: "biz", name: "Acme", role, zone: "UTC" }] } as unknown as Session;
  const current = { session, business: { id: "biz" } as Business, zone: zoneOf("UTC", []) };
  await act(async () =>
    root.render(
      <CurrentContext value={current}>
        <SaveBar draft={{ ...untouched, ...draft }} />
        <DraftNotes draft={{ ...untouched, ...draft }} />
      </CurrentContext>,
    ),
  );
}

beforeEach(() => {
  save.mockReset();
  host = document.createElement("div");
  document.body.append(host);
  root = createRoot(host);
});

afterEach(async () => {
  await act(async () => root.unmount());
  host.remove();
});

const button = (words: string) =>
  [...host.querySelectorAll<HTMLButtonElement>("button")].find((one) => one.textContent === words);

it("has nothing to save until something is changed", async () => {
  await show({});
  expect(button("Save Changes")?.disabled).toBe(true);
  expect(host.textContent).toContain("Last saved: November 20, 2026 at 12:00 PM.");
  await show({ dirty: true });
  await act(async () => button("Save Changes")?.click());
  expect(save).toHaveBeenCalledTimes(1);
});

it("takes no second click while it saves", async () => {
  await show({ dirty: true, saving: true });
  await act(async () => button("Saving…")?.click());
  expect(save).not.toHaveBeenCalled();
});

it("says that the changes are kept when saving failed", async () => {
  await show({ dirty: true, error: new ApiError(0, null) });
  expect(host.textContent).toContain("Your changes are preserved.");
  await show({ dirty: true, stale: true });
  expect(button("Load theirs")).toBeDefined();
  expect(button("Save mine")).toBeDefined();
});

it("says before anything is typed who may save", async () => {
  await show({}, "csr");
  expect(host.textContent).toContain("An owner or a manager can.");
  await show({}, "manager");
  expect(host.textContent).not.toContain("An owner or a manager can.");
});
