import {
  BellRing,
  CalendarClock,
  CalendarDays,
  type LucideIcon,
  MessageCircleQuestion,
  MessageSquareQuote,
  MessagesSquare,
  PhoneCall,
  PhoneForwarded,
  Smartphone,
} from "lucide-react";
import { t } from "@/strings";

export interface PageLink {
  to:
    | "/b/$business/calls"
    | "/b/$business/inbox"
    | "/b/$business/calendar"
    | "/b/$business/routing"
    | "/b/$business/templates"
    | "/b/$business/faq"
    | "/b/$business/notifications"
    | "/b/$business/connect"
    | "/b/$business/simulator";
  name: string;
  short: string;
  icon: LucideIcon;
}

/** How many of them the bar of a phone holds beside "More". */
export const IN_THE_BAR = 4;

/** The pages that exist for this server, those used most first. */
export function pagesFor(sandbox: boolean): PageLink[] {
  const pages: PageLink[] = [
    { to: "/b/$business/calls", name: t.frame.calls, short: t.frame.calls, icon: PhoneCall },
    { to: "/b/$business/inbox", name: t.frame.inbox, short: t.frame.inbox, icon: MessagesSquare },
    { to: "/b/$business/calendar", name: t.frame.calendar, short: t.frame.calendar, icon: CalendarDays },
    { to: "/b/$business/routing", name: t.frame.routing, short: t.frame.routing, icon: CalendarClock },
    { to: "/b/$business/templates", name: t.frame.templates, short: t.frame.templates, icon: MessageSquareQuote },
    { to: "/b/$business/faq", name: t.frame.faq, short: t.frame.faq, icon: MessageCircleQuestion },
    {
      to: "/b/$business/notifications",
      name: t.frame.notifications,
      short: t.frame.notificationsShort,
      icon: BellRing,
    },
    { to: "/b/$business/connect", name: t.frame.connect, short: t.frame.connectShort, icon: PhoneForwarded },
  ];
  if (sandbox) {
    pages.push({
      to: "/b/$business/simulator",
      name: t.frame.simulator,
      short: t.frame.simulatorShort,
      icon: Smartphone,
    });
  }
  return pages;
}
