import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { follow } from "./live";

class Stream extends EventTarget {
  static readonly CLOSED = 2;
  static made: Stream[] = [];
  readyState = 1;
  constructor(readonly url: string) {
    super();
    Stream.made.push(this);
  }
  close() {
    this.readyState = Stream.CLOSED;
  }
  fail(closed: boolean) {
    this.readyState = closed ? Stream.CLOSED : 0;
    this.dispatchEvent(new Event("error"));
  }
}

const news: unknown[] = [];
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Stream);
  Stream.made = [];
  news.length = 0;
  stop = follow("biz_1", (one) => news.push(one));
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("passes on what the feed says", () => {
  const data = { seq: 4, kind: "call_received", call_id: "call_1", at: "2026-01-01T00:00:00Z" };
  Stream.made[0]?.dispatchEvent(new MessageEvent("feed", { data: JSON.stringify(data) }));
  expect(news).toEqual([{ feed: data }]);
});

it("says when a stream begins, for what was read before may be old", () => {
  Stream.made[0]?.dispatchEvent(new Event("open"));
  expect(news).toEqual([{ begun: true }, { state: "live" }]);
});

it("leaves a short gap to the browser, which goes on where it was, and says nothing of it", () => {
  Stream.made[0]?.dispatchEvent(new Event("open"));
  news.length = 0;
  Stream.made[0]?.fail(false);
  vi.advanceTimersByTime(1_900);
  Stream.made[0]?.dispatchEvent(new Event("open"));
  vi.advanceTimersByTime(60_000);
  expect(news).toEqual([{ state: "live" }]);
  expect(Stream.made).toHaveLength(1);
});

it("says so when the gap lasts", () => {
  Stream.made[0]?.fail(false);
  vi.advanceTimersByTime(2_000);
  expect(news).toEqual([{ state: "reconnecting" }]);
});

it("opens a new stream when the browser has given up, later each time, and says that it begins anew", () => {
  Stream.made[0]?.fail(true);
  vi.advanceTimersByTime(999);
  expect(Stream.made).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(Stream.made).toHaveLength(2);
  Stream.made[1]?.dispatchEvent(new Event("open"));
  expect(news).toContainEqual({ begun: true });
  Stream.made[1]?.fail(true);
  vi.advanceTimersByTime(1_000);
  Stream.made[2]?.fail(true);
  vi.advanceTimersByTime(1_999);
  expect(Stream.made).toHaveLength(3);
  vi.advanceTimersByTime(1);
  expect(Stream.made).toHaveLength(4);
});

it("opens none after it was stopped", () => {
  Stream.made[0]?.fail(true);
  stop();
  vi.advanceTimersByTime(60_000);
  expect(Stream.made).toHaveLength(1);
});
