import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { tasks } from "@/api/queries";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";

/** Callers that a person still owes something. */
export function useWaiting(): number {
  const { business } = useCurrent();
  const open = useQuery(tasks(business.id)).data?.items ?? [];
  return open.filter((task) => task.kind !== "verification_code").length;
}

/** The tab's name, with how many are waiting. */
export function useTitle(page: string): void {
  const waiting = useWaiting();
  useEffect(() => {
    document.title = t.title(page, waiting);
  }, [page, waiting]);
}
