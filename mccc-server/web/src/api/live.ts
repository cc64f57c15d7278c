import type { QueryClient } from "@tanstack/react-query";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { API_BASE, ofBusiness } from "./client";
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
  if (data.conversation_id) keys.push(["conversation", business, data.conversation_id], ["call", business]);
  if (data.kind.startsWith("settings") || data.kind.startsWith("routing")) {
    keys.push(["business", business], ["routing", business]);
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

/**
 * Keeps the pages of a business current. The browser resumes a broken stream by itself from the last position it saw;
 * when it gives up (the server refused it), a new stream is opened after a pause and everything is asked for again.
 */
export function useLive(business: string | undefined): "live" | "reconnecting" {
  const client = useQueryClient();
  const [state, setState] = useState<"live" | "reconnecting">("live");

  useEffect(() => {
    if (!business) return;
    const refresh = refresher(client);
    let source: EventSource | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    let pause = 1_000;
    let behind: ReturnType<typeof setTimeout> | undefined;

    const open = () => {
      source = new EventSource(API_BASE + ofBusiness(business, "/events"));
      source.addEventListener("open", () => {
        clearTimeout(behind);
        behind = undefined;
        pause = 1_000;
        setState("live");
      });
      source.addEventListener("feed", (event: MessageEvent<string>) => {
        refresh(staleAfter(business, JSON.parse(event.data) as FeedData));
      });
      source.addEventListener("error", () => {
        // Short gaps are nobody's business.
        behind ??= setTimeout(() => setState("reconnecting"), 2_000);
        if (source?.readyState !== EventSource.CLOSED) return;
        source.close();
        again = setTimeout(() => {
          void client.invalidateQueries();
          open();
        }, pause);
        pause = Math.min(pause * 2, 30_000);
      });
    };
    open();
    return () => {
      clearTimeout(again);
      clearTimeout(behind);
      source?.close();
    };
  }, [business, client]);

  return state;
}
