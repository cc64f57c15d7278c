import type { QueryClient } from "@tanstack/react-query";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { API_BASE, ofBusiness } from "./client";
import { notices } from "./queries";
import type { FeedData } from "./types";

/** What an entry of the feed makes stale. */
export function staleAfter(business: string, data: FeedData): readonly (readonly string[])[] {
  const keys: string[][] = [
    ["calls", business],
    ["totals", business],
    ["tasks", business],
  ];
  if (data.call_id) keys.push(["call", business, data.call_id]);
  // A thread is shown inside the calls it belongs to, which an entry about the thread alone does not name.
  if (data.conversation_id) {
    keys.push(["conversation", business, data.conversation_id], ["conversations", business], ["call", business]);
  }
  if (data.kind.startsWith("settings") || data.kind.startsWith("routing")) {
    keys.push(["business", business], ["routing", business], ["settings", business], ["week", business]);
    keys.push(["wordings", business], ["calendar-connection", business]);
  }
  // A new recording changes what the page about notices warns of, and a task done keeps a promise.
  keys.push(["notifications", business], ["promises", business]);
  // A calendar that cannot be read raises a task, and one that can be again finishes it.
  if (data.kind.startsWith("task")) keys.push(["other-calendars", business]);
  // What is connected is written into the settings.
  if (data.kind.startsWith("calendar")) {
    keys.push(["calendar-connection", business], ["other-calendars", business]);
    keys.push(["settings", business], ["week", business]);
  }
  if (data.kind.startsWith("appointment")) {
    keys.push(["appointments", business], ["week", business], ["blocked", business]);
  }
  if (data.kind.startsWith("forwarding") || data.kind.startsWith("test")) {
    keys.push(["business", business], ["forwarding", business], ["forwarding-test", business], ["health", business]);
  }
  return keys;
}

/** Gathers what a burst of entries makes stale and asks once. */
function refresher(client: QueryClient): (keys: readonly (readonly string[])[]) => void {
  const waiting = new Map<string, readonly string[]>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (keys) => {
    for (const key of keys) waiting.set(key.join("\n"), key);
    timer ??= setTimeout(() => {
      timer = undefined;
      for (const key of waiting.values()) void client.invalidateQueries({ queryKey: key });
      waiting.clear();
    }, 150);
  };
}

type State = "live" | "reconnecting";
/** What the tab with the stream tells the others. */
type News = { feed: FeedData } | { state: State } | { begun: true };

/** Short gaps are nobody's business. */
const GAP_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;
/** Entries about notices that are remembered for the page that sends a test. */
const KEPT = 50;

/**
 * Opens the stream and keeps it open; gives a function that ends it. The browser resumes a broken stream by itself
 * from the last position it saw; when it gives up (the server refused it), a new one is opened after a pause. A new
 * stream begins at the present end of the feed: `begun` says that whatever was read before may be old by then.
 */
export function follow(business: string, tell: (news: News) => void): () => void {
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let behind: ReturnType<typeof setTimeout> | undefined;
  let pause = 1_000;

  const open = () => {
    const stream = new EventSource(API_BASE + ofBusiness(business, "/events"));
    source = stream;
    let begun = false;
    stream.addEventListener("open", () => {
      if (!begun) tell({ begun: true });
      begun = true;
      clearTimeout(behind);
      behind = undefined;
      pause = 1_000;
      tell({ state: "live" });
    });
    stream.addEventListener("feed", (event: MessageEvent<string>) => {
      tell({ feed: JSON.parse(event.data) as FeedData });
    });
    stream.addEventListener("error", () => {
      behind ??= setTimeout(() => tell({ state: "reconnecting" }), GAP_MS);
      if (stream.readyState !== EventSource.CLOSED) return;
      stream.close();
      again = setTimeout(open, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    });
  };
  open();
  return () => {
    clearTimeout(again);
    clearTimeout(behind);
    source?.close();
  };
}

/**
 * Keeps the pages of a business current. Browsers allow a handful of connections to a host, so one tab holds the
 * stream and tells the others; when it closes, the next one takes over.
 */
export function useLive(business: string): State {
  const client = useQueryClient();
  const [state, setState] = useState<State>("live");

  useEffect(() => {
    const refresh = refresher(client);
    const hear = (news: News) => {
      if ("feed" in news) {
        const { feed } = news;
        if (feed.kind.startsWith("notification")) {
          client.setQueryData(notices(business).queryKey, (old = []) => [...old, feed].slice(-KEPT));
        }
        refresh(staleAfter(business, feed));
      }
      else if ("begun" in news) void client.invalidateQueries();
      else setState(news.state);
    };
    const name = `mccc.live.${business}`;
    const shared = "locks" in navigator && typeof BroadcastChannel === "function";
    if (!shared) return follow(business, hear);

    const channel = new BroadcastChannel(name);
    channel.addEventListener("message", (event: MessageEvent<News>) => hear(event.data));
    const ended = new AbortController();
    navigator.locks
      .request(name, { signal: ended.signal }, async () => {
        const stop = follow(business, (news) => {
          hear(news);
          channel.postMessage(news);
        });
        await new Promise((resolve) => ended.signal.addEventListener("abort", resolve));
        stop();
      })
      .catch(() => undefined);
    return () => {
      ended.abort();
      channel.close();
    };
  }, [business, client]);

  return state;
}
