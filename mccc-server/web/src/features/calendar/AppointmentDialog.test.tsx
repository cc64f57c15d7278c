import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { type Root, createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Business, Session } from "@/api/types";
import { CurrentContext } from "@/lib/business";
import { zoneOf } from "@/lib/zone";
import { AppointmentDialog } from "./AppointmentDialog";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const current = { session: {} as Session, business: { id: "biz" } as Business, zone: zoneOf("UTC", []) };
const HOUR = 3_600_000;
const visit = (startsIn: number, more = {}) => ({
  id: "appt_1",
  customer_name: "Dana",
  customer_phone: null,
  service_type: "Leak",
  source: "manual",
  status: "scheduled",
  duration_minutes: 60,
  scheduled_at: new Date(Date.now() + startsIn).toISOString(),
  ends_at: new Date(Date.now() + startsIn + HOUR).toISOString(),
  moving_to: null,
  ...more,
});

let root: Root;
let host: HTMLElement;
let row: object;
const closed = vi.fn();

async function show(appointment: object) {
  row = appointment;
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await act(async () =>
    root.render(
      <QueryClientProvider client={client}>
        <CurrentContext value={current}>
          <AppointmentDialog id="appt_1" onClose={closed} />
        </CurrentContext>
      </QueryClientProvider>,
    ),
  );
  await act(async () => new Promise((resolve) => setTimeout(resolve, 0)));
}

beforeEach(() => {
  closed.mockReset();
  vi.stubGlobal(
    "fetch",
    vi.fn(async (_url: string, init?: RequestInit) => {
      if (init?.method === "PATCH") row = { ...row, ...(JSON.parse(String(init.body)) as object) };
      return new Response(JSON.stringify(row), { headers: { "content-type": "application/json" } });
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
});

const actions = () => [...host.querySelectorAll<HTMLElement>(".dialog-foot button")];
const said = () => actions().map((one) => one.textContent);
const press = (words: string) =>
  act(async () =>
    actions()
      .find((one) => one.textContent === words)
      ?.click(),
  );
const sent = (method: string) => vi.mocked(fetch).mock.calls.filter(([, init]) => init?.method === method);

it("moves and calls off what lies ahead, and says nothing of its outcome", async () => {
  await show(visit(HOUR));
  expect(said()).toEqual(["Cancel…", "Move…"]);
});

it("writes down whether a visit that has begun took place, and corrects it", async () => {
  await show(visit(-HOUR));
  expect(said()).toEqual(["Cancel…", "Nobody there", "It took place", "Move…"]);
  await press("It took place");
  expect(sent("PATCH").map(([, init]) => init?.body)).toEqual(['{"status":"completed"}']);
  expect(host.textContent).toContain("Completed");
  expect(said()).toEqual(["Nobody there"]);
  expect(closed).not.toHaveBeenCalled();
});

it("asks before it calls off", async () => {
  await show(visit(HOUR));
  await press("Cancel…");
  expect(said()).toEqual(["Keep it", "Cancel appointment"]);
  await press("Keep it");
  expect(sent("POST")).toHaveLength(0);
  await press("Cancel…");
  await press("Cancel appointment");
  expect(sent("POST").map(([url]) => url)).toEqual(["/api/v1/businesses/biz/appointments/appt_1/cancel"]);
  expect(closed).toHaveBeenCalled();
});

it("texts the customer who would come, unless a person says otherwise", async () => {
  const box = () => host.querySelector<HTMLInputElement>('input[type="checkbox"]');
  const bodies = () => sent("POST").map(([, init]) => JSON.parse(String(init?.body)) as unknown);
  await show(visit(HOUR, { customer_phone: "+15125550161" }));
  await press("Cancel…");
  expect(box()?.checked).toBe(true);
  expect(box()?.labels?.[0]?.textContent).toBe("Text the customer that it was called off");
  await press("Cancel appointment");
  expect(bodies()).toEqual([{ tell_customer: true }]);

  await act(async () => root.unmount());
  root = createRoot(host);
  await show(visit(HOUR, { customer_phone: "+15125550161" }));
  await press("Cancel…");
  await act(async () => box()?.click());
  await press("Cancel appointment");
  expect(bodies()).toEqual([{ tell_customer: true }, { tell_customer: false }]);
});

it("offers no text where none would go out", async () => {
  for (const [startsIn, more, says] of [
    [HOUR, {}, true],
    [-HOUR, { customer_phone: "+15125550161" }, false],
  ] as const) {
    await act(async () => root.unmount());
    root = createRoot(host);
    await show(visit(startsIn, more));
    await press("Cancel…");
    expect(host.querySelector('input[type="checkbox"]')).toBeNull();
    expect(host.textContent?.includes("nobody is texted")).toBe(says);
  }
});

it("leaves alone what is being moved or was called off", async () => {
  await show(visit(HOUR, { moving_to: new Date(Date.now() + 5 * HOUR).toISOString() }));
  expect(said()).toEqual([]);
  expect(host.textContent).toContain("Both times stay closed");
  await act(async () => root.unmount());
  root = createRoot(host);
  await show(visit(HOUR, { status: "cancelled", cancellation_reason: "sold the house" }));
  expect(said()).toEqual([]);
  expect(host.textContent).toContain("sold the house");
});
