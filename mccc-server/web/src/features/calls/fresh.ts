import type { CallRow } from "@/api/types";

/**
 * Splits a list into what may be shown and what must wait: while a person reads further down, calls newer than the
 * one that stood at the top do not push the list.
 */
export function holdBack(
  calls: readonly CallRow[],
  top: string | null,
): { shown: readonly CallRow[]; waiting: readonly CallRow[] } {
  const at = top === null ? 0 : calls.findIndex((call) => call.id === top);
  if (at <= 0) return { shown: calls, waiting: [] };
  return { shown: calls.slice(at), waiting: calls.slice(0, at) };
}

/** Calls that were not known before, when anything was known at all. */
export function arrivals(known: ReadonlySet<string> | null, calls: readonly CallRow[]): CallRow[] {
  return known === null ? [] : calls.filter((call) => !known.has(call.id));
}

/** The call `by` places further down, for j and k. */
export function neighbour(calls: readonly CallRow[], id: string | undefined, by: 1 | -1): CallRow | undefined {
  const at = calls.findIndex((call) => call.id === id);
  if (at === -1) return by === 1 ? calls[0] : undefined;
  return calls[at + by];
}
