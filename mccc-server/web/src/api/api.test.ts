import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, api, withQuery } from "./client";
import { staleAfter } from "./live";

afterEach(() => vi.unstubAllGlobals());

const answer = (status: number, body: string | null, headers: Record<string, string> = {}) =>
  vi.stubGlobal("fetch", vi.fn(async () => new Response(body, { status, headers })));

describe("a request", () => {
  it("leaves empty parameters out", () => {
    expect(withQuery("/calls", { from: "2026-01-01", q: "", attention: false, method: undefined })).toBe(
      "/calls?from=2026-01-01",
    );
    expect(withQuery("/calls", { attention: true, limit: 50 })).toBe("/calls?attention=true&limit=50");
    expect(withQuery("/calls")).toBe("/calls");
  });

  it("sends JSON with the session's cookie and nothing to other hosts", async () => {
    answer(200, "{}", { "content-type": "application/json" });
    await api.post("/session", { email: "a" }, { headers: { "idempotency-key": "k" } });
    const [url, init] = vi.mocked(fetch).mock.calls[0] ?? [];
    expect(url).toBe("/api/v1/session");
    expect(init).toMatchObject({
      method: "POST",
      credentials: "same-origin",
      body: '{"email":"a"}',
      headers: { "content-type": "application/json", "idempotency-key": "k" },
    });
  });

  it("takes an empty answer", async () => {
    answer(204, null);
    expect(await api.delete("/session")).toBeUndefined();
  });

  it("keeps what the server says about a mistake", async () => {
    const problem = { type: "x", title: "Invalid", status: 422, detail: "Two cells.", code: "invalid", errors: [{ field: "/cells/3", message: "none" }] };
    answer(422, JSON.stringify(problem), { "content-type": "application/problem+json" });
    const error = await api.put("/x", {}).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 422, code: "invalid", message: "Two cells.", fields: problem.errors });
  });

  it("reads how long to wait", async () => {
    answer(429, "", { "retry-after": "7" });
    await expect(api.get("/x")).rejects.toMatchObject({ status: 429, retryAfter: 7 });
  });

  it("tells a network that is away from a server that refuses", async () => {
    vi.stubGlobal("fetch", vi.fn(async () => Promise.reject(new TypeError("failed"))));
    await expect(api.get("/x")).rejects.toMatchObject({ status: 0, unreachable: true });
  });

  it("survives a proxy that answers in its own words", async () => {
    answer(502, "<html>", { "content-type": "text/html" });
    await expect(api.get("/x")).rejects.toMatchObject({ status: 502, code: null, fields: [] });
  });
});

describe("the feed", () => {
  const keys = (kind: string, call?: string, conversation?: string) =>
    staleAfter("biz", { seq: 1, kind, at: "", call_id: call, conversation_id: conversation }).map((key) => key.join("/"));

  it("renews lists and totals after every entry", () => {
    expect(keys("call_received", "call_1")).toEqual(
      expect.arrayContaining(["calls/biz", "totals/biz", "tasks/biz", "call/biz/call_1"]),
    );
  });

  it("renews a thread wherever it is shown", () => {
    expect(keys("sms_received", undefined, "conv_1")).toEqual(
      expect.arrayContaining(["conversation/biz/conv_1", "call/biz"]),
    );
  });

  it("renews the calendar elsewhere, and what is booked there", () => {
    const expected = ["calendar-connection/biz", "other-calendars/biz", "settings/biz", "week/biz"];
    expect(keys("calendar_connected")).toEqual(expect.arrayContaining(expected));
    expect(keys("settings_saved")).toEqual(expect.arrayContaining(["calendar-connection/biz", "notifications/biz"]));
    expect(keys("sms_received")).not.toContain("calendar-connection/biz");
  });

  it("renews the schedule after it was saved elsewhere", () => {
    expect(keys("settings_saved")).toContain("routing/biz");
    expect(keys("call_received")).not.toContain("routing/biz");
  });

  it("renews the pages of settings after they were saved elsewhere", () => {
    expect(keys("settings_saved")).toEqual(expect.arrayContaining(["settings/biz", "wordings/biz", "week/biz"]));
  });

  it("renews the calendar after an appointment", () => {
    expect(keys("appointment_booked")).toEqual(expect.arrayContaining(["appointments/biz", "week/biz"]));
    expect(keys("call_received", "call_1")).not.toContain("week/biz");
  });

  it("renews forwarding after a test", () => {
    expect(keys("forwarding_verification_success")).toContain("forwarding/biz");
  });
});
