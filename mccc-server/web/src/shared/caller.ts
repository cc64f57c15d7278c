import type { Caller } from "@/api/types";
import { national } from "@/lib/format";
import { t } from "@/strings";

/** How a caller is called on the pages: name, else number, else why there is none. */
export function callerWord(caller: Caller): string {
  return caller.name ?? numberWord(caller) ?? t.caller.unknown[caller.status];
}

export function numberWord(caller: Caller): string | null {
  return caller.national ?? (caller.number ? national(caller.number) : null);
}
