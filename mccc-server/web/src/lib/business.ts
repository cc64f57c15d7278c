import { createContext, useContext, useMemo, useSyncExternalStore } from "react";
import type { Business, Session } from "@/api/types";
import { type Zone, zoneOf } from "./zone";

/** Who is signed in and whose pages these are. */
export interface Current {
  session: Session;
  business: Business;
  zone: Zone;
}

export const CurrentContext = createContext<Current | null>(null);

export function useCurrent(): Current {
  const current = useContext(CurrentContext);
  if (!current) throw new Error("used outside the frame");
  return current;
}

export function useZone(business: Business | undefined): Zone {
  return useMemo(() => zoneOf(business?.zone ?? "UTC", business?.zone_offsets), [business]);
}

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 15_000);
  now = Date.now();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The present instant, renewed four times a minute. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
