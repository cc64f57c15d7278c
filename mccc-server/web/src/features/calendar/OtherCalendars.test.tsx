import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { type Root, createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Business, Session } from "@/api/types";
import { CurrentContext } from "@/lib/business";
import { zoneOf } from "@/lib/zone";
import { OtherCalendars } from "./OtherCalendars";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const current = { session: {} as Session, business: { id: "biz" } as Business, zone: zoneOf("UTC", []) };
const family = {
  id: "one",
  name: "Lakers",
  address: "https://calendar.google.com/…",
  state: "read",
  sentence: "It is read.",
  connected_at: "2026-06-01T08:00:00Z",
  read_at: "2026-06-02T08:00:00Z",
  tried_at: "2026-06-02T08:00:00Z",
  counts_until: "2026-06-02T14:00:00Z",
};

let root: Root;
let host: HTMLElement;
let answer: [status: number, body: unknown];

const settle = () => act(async () => new Promise((resolve) => setTimeout(resolve, 0)));
async function show(items: unknown[]) {
  answer = [200, { items, most: 10 }];
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await act(async () =>
    root.render(
      <QueryClientProvider client={client}>
        <CurrentContext value={current}>
          <OtherCalendars />
        </CurrentContext>
      </QueryClientProvider>,
    ),
  );
  await settle();
}

beforeEach(() => {
  vi.stubGlobal(
    "fetch",
    vi.fn(
      async () =>
        new Response(JSON.stringify(answer[1]), { status: answer[0], headers: { "content-type": "application/json" } }),
    ),
  );
  host = document.createElement("div");
  document.body.append(host);
  root = createRoot(host);
});

afterEach(async () => {
  await act(async () => root.unmount());
  host.remove();
  vi.unstubAllGlobals();
});

const button = (name: string, within: ParentNode = document) =>
  [...within.querySelectorAll<HTMLElement>("button")].find((one) => one.textContent === name);
const dialog = () => document.querySelector("dialog");
const sent = (method: string) =>
  vi
    .mocked(fetch)
    .mock.calls.filter(([, init]) => init?.method === method)
    .map(([url, init]) => [url, init?.body ? JSON.parse(String(init.body)) : undefined]);
const write = (field: HTMLInputElement | undefined, text: string) =>
  act(async () => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(field, text);
    field?.dispatchEvent(new Event("input", { bubbles: true }));
  });

it("connects a calendar by its address, which is hidden while it is typed", async () => {
  await show([]);
  await act(async () => button("Add a calendar")?.click());
  await act(async () => button("Read this calendar", dialog() ?? document)?.click());
  expect(dialog()?.querySelector(".field-error")?.textContent).toContain("address");
  expect(sent("POST")).toEqual([]);
  const [address, name] = [...(dialog()?.querySelectorAll<HTMLInputElement>("input.input") ?? [])];
  expect(address?.type).toBe("password");
  await write(address, " webcal://example.com/secret ");
  await write(name, "Lakers");
  answer = [200, { items: [family], most: 10 }];
  await act(async () => button("Read this calendar", dialog() ?? document)?.click());
  await settle();
  expect(sent("POST")).toEqual([
    ["/api/v1/businesses/biz/other-calendars", { address: "webcal://example.com/secret", name: "Lakers" }],
  ]);
  expect(dialog()).toBeNull();
  expect(host.textContent).toContain("Lakers");
});

it("says at its place why a calendar was not connected", async () => {
  await show([]);
  await act(async () => button("Add a calendar")?.click());
  await write(dialog()?.querySelector<HTMLInputElement>("input.input") ?? undefined, "https://example.com/a");
  answer = [422, { code: "invalid", errors: [{ field: "/address", message: "It is no calendar." }] }];
  await act(async () => button("Read this calendar", dialog() ?? document)?.click());
  await settle();
  expect(dialog()?.querySelector(".field-error")?.textContent).toBe("It is no calendar.");
});

it("says what is the matter, reads again, and asks before it disconnects", async () => {
  await show([{ ...family, state: "unreadable", sentence: "Nothing is booked until it can be read again." }]);
  expect(host.textContent).toContain("Nothing is booked until it can be read again.");
  answer = [200, { items: [family], most: 10 }];
  await act(async () => button("Read now")?.click());
  await settle();
  expect(sent("POST")).toEqual([["/api/v1/businesses/biz/other-calendars/one/read", undefined]]);
  expect(host.textContent).not.toContain("Nothing is booked");
  await act(async () => button("Disconnect")?.click());
  expect(sent("DELETE")).toEqual([]);
  answer = [200, { items: [], most: 10 }];
  await act(async () => button("Disconnect", dialog() ?? document)?.click());
  await settle();
  expect(sent("DELETE")).toEqual([["/api/v1/businesses/biz/other-calendars/one", undefined]]);
  expect(host.textContent).not.toContain("Lakers");
});

it("offers no further calendar where there are as many as there may be", async () => {
  await show([]);
  expect(button("Add a calendar")).toBeDefined();
  answer = [200, { items: [family], most: 1 }];
  await act(async () => root.unmount());
  root = createRoot(host);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await act(async () =>
    root.render(
      <QueryClientProvider client={client}>
        <CurrentContext value={current}>
          <OtherCalendars />
        </CurrentContext>
      </QueryClientProvider>,
    ),
  );
  await settle();
  expect(button("Add a calendar")).toBeUndefined();
});
