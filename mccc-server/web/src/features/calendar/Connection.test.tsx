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
  account: null,
  calendar_name: null,
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
  await show(200, lost);
  expect(host.textContent).toContain("Your calendar no longer lets us in.");
  expect(host.textContent).not.toContain("the built-in calendar is in use");
  expect(buttons()).toEqual(["Connect again", "Disconnect"]);
});
