import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { waitingCalls } from "@/api/queries";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";

/** Calls that a person still owes something: those that the filter of the calls lists. */
export function useWaiting(): number {
  const { business } = useCurrent();
  return useQuery(waitingCalls(business.id)).data?.items.length ?? 0;
}

/** The tab's name, with how many are waiting. */
export function useTitle(page: string): void {
  const waiting = useWaiting();
  useEffect(() => {
    document.title = t.title(page, waiting);
  }, [page, waiting]);
}
