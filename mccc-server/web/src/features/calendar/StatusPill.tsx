import { Ban, CalendarClock, Check, CheckCheck, Hourglass, type LucideIcon, Repeat, UserX } from "lucide-react";
import type { AppointmentStatus } from "@/api/types";
import { t } from "@/strings";
import { Pill, type Tone } from "@/ui/states";

const LOOKS: Record<AppointmentStatus, { tone?: Tone; icon: LucideIcon }> = {
  held: { tone: "attention", icon: Hourglass },
  scheduled: { tone: "info", icon: CalendarClock },
  confirmed: { tone: "good", icon: CheckCheck },
  completed: { tone: "good", icon: Check },
  cancelled: { icon: Ban },
  no_show: { tone: "problem", icon: UserX },
  rescheduled: { icon: Repeat },
};

export function StatusPill({ status }: { status: AppointmentStatus }) {
  const { tone, icon } = LOOKS[status];
  return (
    <Pill tone={tone} icon={icon}>
      {t.calendar.status[status]}
    </Pill>
  );
}
