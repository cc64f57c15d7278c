import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { type Root, createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Business, Session } from "@/api/types";
import { CurrentContext } from "@/lib/business";
import { zoneOf } from "@/lib/zone";
import { WeekView } from "./WeekView";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const zone = zoneOf("America/Chicago", [
  { from: "2026-11-01T07:00:00Z", offset_seconds: -21_600, abbreviation: "CST" },
]);
const current = { session: {} as Session, business: { id: "biz" } as Business, zone };
const week = {
  zone: "America/Chicago",
  from: "2026-11-23",
  start: "",
  end: "",
  duration_minutes: 60,
  slots: [{ start: "2026-11-24T15:00:00Z", date: "2026-11-24", start_time: "09:00", end_time: "10:00" }],
  blocked: [
    {
      date: "2026-11-24",
      start: "2026-11-24T17:45:00Z",
      end: "2026-11-24T18:00:00Z",
      standing: "taken",
      why_not: [{ code: "buffer", sentence: "too near to what the calendar has" }],
    },
    {
      date: "2026-11-25",
      start: "2026-11-25T14:00:00Z",
      end: "2026-11-26T00:00:00Z",
      standing: "closed",
      why_not: [{ code: "date_closed", sentence: "closed on Wednesday" }],
    },
  ],
};
const visit = {
  id: "appt_1",
  customer_name: "Dana",
  service_type: "Leak",
  status: "confirmed",
  scheduled_at: "2026-11-24T18:00:00Z",
  ends_at: "2026-11-24T19:00:00Z",
};

let root: Root;
let host: HTMLElement;
let answers: Record<string, [status: number, body: unknown]>;
const asked = { week: vi.fn(), book: vi.fn(), open: vi.fn(), settings: vi.fn() };

async function show() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await act(async () =>
    root.render(
      <QueryClientProvider client={client}>
        <CurrentContext value={current}>
          <WeekView
            monday="2026-11-23"
            onWeek={asked.week}
            onBook={asked.book}
            onOpen={asked.open}
            onSettings={asked.settings}
          />
        </CurrentContext>
      </QueryClientProvider>,
    ),
  );
  // The answers come in turns of their own.
  for (let turn = 0; turn < 5 && host.querySelector("[aria-busy]"); turn += 1) {
    await act(async () => new Promise((resolve) => setTimeout(resolve, 0)));
  }
}

beforeEach(() => {
  answers = {
    "/availability/week": [200, week],
    "/appointments": [200, { items: [visit], next_cursor: null }],
    "/blocked-times": [200, { items: [], next_cursor: null }],
  };
  vi.stubGlobal(
    "fetch",
    vi.fn(async (url: string) => {
      const [, answer] = Object.entries(answers).find(([path]) => url.includes(path)) ?? ["", [404, {}] as const];
      const type = answer[0] === 200 ? "application/json" : "application/problem+json";
      return new Response(JSON.stringify(answer[1]), { status: answer[0], headers: { "content-type": type } });
    }),
  );
  host = document.createElement("div");
  document.body.append(host);
  root = createRoot(host);
});

afterEach(async () => {
  await act(async () => root.unmount());
  host.remove();
  vi.unstubAllGlobals();
  for (const one of Object.values(asked)) one.mockReset();
});

const items = () => [...host.querySelectorAll<HTMLElement>(".cal-item")];
const named = (words: string) =>
  items().find((one) => (one.getAttribute("aria-label") ?? one.textContent ?? "").includes(words))!;

it("says of each cell whether it is free, and of each that is not why", async () => {
  await show();
  expect(items()).toHaveLength(4);
  expect(named("9:00 AM – 10:00 AM: free").dataset.kind).toBe("free");
  expect(named("Too near to what the calendar has.").dataset.kind).toBe("taken");
  expect(named("Closed on Wednesday.").dataset.kind).toBe("closed");
  expect(named("Dana").textContent).toContain("Confirmed");
});

it("books a free time and opens an appointment", async () => {
  await show();
  await act(async () => named("free. Book").click());
  expect(asked.book).toHaveBeenCalledWith("2026-11-24T15:00:00Z");
  await act(async () => named("Dana").click());
  expect(asked.open).toHaveBeenCalledWith("appt_1");
});

it("leads from a week without free time to the next day that has some", async () => {
  answers["/availability/week"] = [200, { ...week, slots: [] }];
  answers["/availability"] = [200, { slots: [{ ...week.slots[0], date: "2026-12-01" }] }];
  await show();
  await act(async () => new Promise((resolve) => setTimeout(resolve, 0)));
  const next = [...host.querySelectorAll("button")].find((one) => one.textContent?.includes("Tue, Dec 1"))!;
  await act(async () => next.click());
  expect(asked.week).toHaveBeenCalledWith("2026-12-01");
});

it("is one stop a day, begins with what is free, and arrows move inside", async () => {
  await show();
  const stops = () => items().filter((one) => one.tabIndex === 0);
  expect(stops().map((one) => one.dataset.kind)).toEqual(["free", "closed"]);
  const press = (key: string) =>
    act(async () => {
      document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    });
  await act(async () => stops()[0]!.focus());
  await press("ArrowDown");
  expect(document.activeElement).toBe(named("Too near"));
  await press("End");
  expect(document.activeElement).toBe(named("Dana"));
  await press("Home");
  expect(document.activeElement).toBe(named("free. Book"));
});

it("shows the appointments although the calendar cannot be read, and claims nothing about free time", async () => {
  const problem = {
    code: "calendar",
    status: 502,
    detail: "The calendar could not be read. Connect the calendar again.",
  };
  answers["/availability/week"] = [502, problem];
  await show();
  expect(host.textContent).toContain("Connect the calendar again.");
  expect(items().map((one) => one.dataset.kind)).toEqual(["appointment"]);
  expect(host.textContent).not.toContain("Nothing can be booked");
});
