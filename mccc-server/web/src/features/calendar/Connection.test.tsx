import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { type Root, createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Business, Session } from "@/api/types";
import { CurrentContext } from "@/lib/business";
import { zoneOf } from "@/lib/zone";
import { Connection } from "./Connection";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const current = { session: {} as Session, business: { id: "biz" } as Business, zone: zoneOf("UTC", []) };
const none = {
  state: "not_connected",
  sentence: "Connect your Google Calendar.",
  service: null as string | null,
  account: null,
  calendar_id: null,
  calendar_name: null,
  conflicts: [],
  calcom_enabled: false,
  last_synced_at: null,
  google_available: true,
  last_failure: null,
};

let root: Root;
let host: HTMLElement;
let answer: [status: number, body: unknown];

async function show(status: number, body: unknown) {
  answer = [status, body];
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await act(async () =>
    root.render(
      <QueryClientProvider client={client}>
        <CurrentContext value={current}>
          <Connection />
        </CurrentContext>
      </QueryClientProvider>,
    ),
  );
  await act(async () => new Promise((resolve) => setTimeout(resolve, 0)));
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

const buttons = () => [...host.querySelectorAll("section > .cal-links button")].map((one) => one.textContent);
const methods = () => vi.mocked(fetch).mock.calls.map(([, init]) => init?.method);

it("says that the built-in calendar is in use where there is no other", async () => {
  await show(404, {});
  expect(host.textContent).toContain("Connect your Google Calendar to let AI check your availability");
  expect(host.textContent).toContain("the built-in calendar is in use");
  expect(buttons()).toEqual([]);
});

it("offers to connect only what can be connected", async () => {
  await show(200, none);
  expect(buttons()).toEqual(["Connect Google Calendar"]);
  await act(async () => root.unmount());
  root = createRoot(host);
  await show(200, { ...none, google_available: false });
  expect(buttons()).toEqual([]);
  expect(host.textContent).toContain("Whoever runs this server can set up");
});

it("shows the account, and asks before it disconnects", async () => {
  const connected = { ...none, state: "connected", account: "sam@example.com", calendar_name: "Jobs" };
  await show(200, connected);
  expect(buttons()).toEqual(["Disconnect"]);
  expect(host.textContent).toContain("sam@example.com");
  expect(host.textContent).toContain("Not yet");
  await act(async () => host.querySelector<HTMLElement>("section > .cal-links button")?.click());
  expect(methods()).toEqual(["GET"]);
  answer = [200, none];
  const yes = [...document.querySelectorAll<HTMLElement>("dialog button")].find(
    (one) => one.textContent === "Disconnect",
  );
  await act(async () => yes?.click());
  expect(methods()).toContain("DELETE");
});

it("says what to do when the calendar no longer lets us in", async () => {
  const lost = {
    ...none,
    state: "reconnect_needed",
    sentence: "Your calendar no longer lets us in.",
    account: "sam@example.com",
  };
  await show(200, { ...lost, service: "google" });
  expect(host.textContent).toContain("Your calendar no longer lets us in.");
  expect(host.textContent).not.toContain("the built-in calendar is in use");
  expect(buttons()).toEqual(["Connect again", "Disconnect"]);
});

const CALENDARS = [
  { id: "main", name: "sam@example.com", primary: true, bookable: true, zone: null },
  { id: "jobs", name: "Jobs", primary: false, bookable: true, zone: null },
  { id: "holidays", name: "Holidays", primary: false, bookable: false, zone: null },
];
const google = {
  ...none,
  state: "connected",
  service: "google",
  account: "sam@example.com",
  calendar_id: "main",
  calendar_name: "sam@example.com",
  conflicts: ["holidays"],
};

const settle = () => act(async () => new Promise((resolve) => setTimeout(resolve, 0)));
const named = (name: string, within: ParentNode = document) =>
  [...within.querySelectorAll<HTMLElement>("button")].find((one) => one.textContent === name);
const dialog = () => document.querySelector("dialog");
const sent = (method: string) => {
  const call = vi.mocked(fetch).mock.calls.find(([, init]) => init?.method === method);
  return [call?.[0], JSON.parse(String(call?.[1]?.body))];
};

it("books another calendar of the account, and keeps the former one in the way", async () => {
  await show(200, google);
  expect(host.textContent).toContain("1 further calendar");
  answer = [200, { items: CALENDARS }];
  await act(async () => named("Choose calendars")?.click());
  await settle();
  const radios = [...(dialog()?.querySelectorAll<HTMLInputElement>('input[type="radio"]') ?? [])];
  expect(radios.map((one) => [one.checked, one.disabled])).toEqual([
    [true, false],
    [false, false],
    [false, true],
  ]);
  await act(async () => radios[1]?.click());
  answer = [200, { ...google, calendar_id: "jobs", calendar_name: "Jobs" }];
  await act(async () => named("Use these calendars", dialog() ?? document)?.click());
  await settle();
  expect(sent("PUT")).toEqual([
    "/api/v1/businesses/biz/calendar-connection",
    { calendar_id: "jobs", conflicts: ["main", "holidays"] },
  ]);
  expect(dialog()).toBeNull();
  expect(host.textContent).toContain("Jobs");
});

it("says at its place what the server refuses", async () => {
  await show(200, google);
  answer = [200, { items: CALENDARS }];
  await act(async () => named("Choose calendars")?.click());
  await settle();
  answer = [422, { code: "invalid", errors: [{ field: "/conflicts", message: "Choose at most 50." }] }];
  await act(async () => named("Use these calendars", dialog() ?? document)?.click());
  await settle();
  expect(dialog()?.querySelector(".field-error")?.textContent).toBe("Choose at most 50.");
});

it("connects Cal.com only where it is switched on, and says what it replaces", async () => {
  await show(200, google);
  expect(named("Connect Cal.com")).toBeUndefined();
  await act(async () => root.unmount());
  root = createRoot(host);
  await show(200, { ...google, calcom_enabled: true });
  await act(async () => named("Connect Cal.com")?.click());
  expect(dialog()?.textContent).toContain("takes the place of the calendar that is connected");
  await act(async () => named("Connect", dialog() ?? document)?.click());
  expect(dialog()?.querySelectorAll(".field-error")).toHaveLength(2);
  expect(methods()).not.toContain("POST");
  const [key, type] = [...(dialog()?.querySelectorAll<HTMLInputElement>("input.input") ?? [])];
  expect(key?.type).toBe("password");
  const write = (field: HTMLInputElement | undefined, text: string) =>
    act(async () => {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(field, text);
      field?.dispatchEvent(new Event("input", { bubbles: true }));
    });
  await write(key, "cal_live_1");
  await write(type, "123456");
  answer = [200, { ...google, service: "calcom", sentence: "Cal.com connected!" }];
  await act(async () => named("Connect", dialog() ?? document)?.click());
  await settle();
  expect(sent("POST")).toEqual([
    "/api/v1/businesses/biz/calendar-connection/calcom",
    { api_key: "cal_live_1", event_type: 123_456, length_is_chosen: false, replace: true },
  ]);
  expect(dialog()).toBeNull();
});
