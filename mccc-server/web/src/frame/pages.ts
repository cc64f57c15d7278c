import { CalendarClock, type LucideIcon } from "lucide-react";
import { t } from "@/strings";

export interface PageLink {
  to: "/b/$business/routing";
  name: string;
  short: string;
  icon: LucideIcon;
}

/** The pages that exist for this server. */
export function pagesFor(): PageLink[] {
  const pages: PageLink[] = [
    { to: "/b/$business/routing", name: t.frame.routing, short: t.frame.routing, icon: CalendarClock },
  ];
  return pages;
}
