import { Ban, CheckCheck, CircleHelp, Clock, type LucideIcon, MessageSquareOff, MessageSquareText, Send } from "lucide-react";
import type { TextStatus as Status } from "@/api/types";
import { t } from "@/strings";
import { Pill, type Tone } from "@/ui/states";

const LOOKS: Record<Status, { icon: LucideIcon; tone?: Tone }> = {
  none: { icon: MessageSquareOff },
  waiting: { icon: Clock },
  claimed: { icon: Send },
  queued: { icon: Clock },
  sent: { icon: MessageSquareText },
  delivered: { icon: CheckCheck, tone: "good" },
  failed: { icon: MessageSquareOff, tone: "problem" },
  undelivered: { icon: MessageSquareOff, tone: "problem" },
  unknown: { icon: CircleHelp, tone: "attention" },
  denied: { icon: Ban },
  canceled: { icon: Ban },
  received: { icon: MessageSquareText },
};

/** How a text stands, by icon, colour and word. */
export function TextStatus({ status }: { status: Status }) {
  const look = LOOKS[status];
  // The catalogue's ticks and crosses are drawn by the icon already.
  return (
    <Pill tone={look.tone} icon={look.icon}>
      <span>{t.text.status[status].replace(/ [✓✗]+$/u, "")}</span>
    </Pill>
  );
}

export function didFail(status: Status): boolean {
  return status === "failed" || status === "undelivered";
}
