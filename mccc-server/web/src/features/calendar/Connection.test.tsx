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
    [false, false],
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

/** Answers by method and the end of the address; everything else as `answer` says. */
function answers(by: Record<string, [status: number, body: unknown]>) {
  vi.mocked(fetch).mockImplementation(async (input, init) => {
    const asked = `${init?.method} ${String(input).split("/calendar-connection").pop()}`;
    const [status, body] = by[asked] ?? answer;
    return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
  });
}

async function chooseNew() {
  await act(async () => named("Choose calendars")?.click());
  await settle();
  const radios = [...(dialog()?.querySelectorAll<HTMLInputElement>('input[type="radio"]') ?? [])];
  const last = radios.at(-1);
  // One group for the arrow keys, and a name that a screen reader says.
  expect(new Set(radios.map((one) => one.name)).size).toBe(1);
  expect(last?.closest("label")?.textContent).toContain("A new calendar named “Appointments”");
  await act(async () => last?.click());
  expect(radios.map((one) => one.checked)).toEqual([false, false, false, true]);
  await act(async () => named("Create this calendar", dialog() ?? document)?.click());
  await settle();
}

it("has a calendar created, and leaves what is in the way to the server", async () => {
  await show(200, google);
  const created = { ...google, calendar_id: "made", calendar_name: "Appointments", conflicts: ["holidays", "main"] };
  answers({ "GET /calendars": [200, { items: CALENDARS }], "POST /calendars": [200, created] });
  await act(async () => named("Choose calendars")?.click());
  await settle();
  expect(dialog()?.querySelectorAll('input[type="checkbox"]')).toHaveLength(2);
  await act(async () => named("Cancel", dialog() ?? document)?.click());
  await chooseNew();
  expect(dialog()).toBeNull();
  expect(host.textContent).toContain("Appointments");
  expect(host.textContent).toContain("2 further calendars");
  expect(methods()).not.toContain("PUT");
});

it("goes to Google for the permission only when it is missing", async () => {
  await show(200, google);
  const to = vi.fn();
  vi.stubGlobal("location", { ...window.location, assign: to });
  answers({
    "GET /calendars": [200, { items: CALENDARS }],
    "POST /calendars": [409, { code: "permission_needed", detail: "One more permission." }],
    "POST /google": [200, { authorize_url: "https://accounts.google.com/page", expires_at: "" }],
  });
  await chooseNew();
  expect(to).toHaveBeenCalledWith("https://accounts.google.com/page");
  const posts = vi.mocked(fetch).mock.calls.filter(([, init]) => init?.method === "POST");
  expect(posts.map(([url]) => String(url).split("/calendar-connection")[1])).toEqual(["/calendars", "/google"]);
  expect(JSON.parse(String(posts[1]?.[1]?.body))).toEqual({ new_calendar: true });
});

it("says why none could be created, and another can be chosen", async () => {
  await show(200, google);
  const why = "Google does not let this account create calendars. Choose one that is there already.";
  answers({
    "GET /calendars": [200, { items: CALENDARS }],
    "POST /calendars": [502, { code: "calendar", detail: why }],
  });
  await chooseNew();
  expect(dialog()?.textContent).toContain(why);
  const jobs = [...(dialog()?.querySelectorAll<HTMLInputElement>('input[type="radio"]') ?? [])][1];
  await act(async () => jobs?.click());
  expect(dialog()?.textContent).not.toContain(why);
  expect(named("Use these calendars", dialog() ?? document)).toBeDefined();
});

it("says what is missing of a connection that works", async () => {
  const sentence = "The calendar was not created, because the permission was not given.";
  const failed = { code: "creation_not_granted", sentence, at: "2026-11-27T10:00:00Z" };
  await show(200, { ...google, last_failure: failed });
  expect(host.textContent).toContain(sentence);
  expect(host.textContent).toContain("Connected");
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
