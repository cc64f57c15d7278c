import {
  CalendarCheck,
  CircleHelp,
  CircleMinus,
  type LucideIcon,
  PhoneIncoming,
  PhoneMissed,
  PhoneOff,
  ShieldX,
  Voicemail,
} from "lucide-react";
import type { CallRow } from "@/api/types";
import { t } from "@/strings";
import { Pill, type Tone } from "@/ui/states";

const OUTCOME_LOOKS: Record<string, { icon: LucideIcon; tone?: Tone }> = {
  "Appointment Booked": { icon: CalendarCheck, tone: "good" },
  "Question Answered": { icon: CircleHelp, tone: "good" },
  "Callback Requested": { icon: PhoneMissed, tone: "attention" },
  "Voicemail Left": { icon: Voicemail, tone: "info" },
  "No Response": { icon: CircleMinus },
  "Hung Up": { icon: PhoneOff },
  Spam: { icon: ShieldX },
};

/** What became of a call, or that it is still going on. */
export function Outcome({ call }: { call: CallRow }) {
  if (call.state !== "ended") {
    return (
      <Pill tone="info" icon={PhoneIncoming}>
        {call.state === "ringing" ? t.calls.ringing : t.calls.live}
      </Pill>
    );
  }
  const look = OUTCOME_LOOKS[call.outcome_label];
  return (
    <Pill tone={look?.tone} icon={look?.icon}>
      {call.outcome_label}
    </Pill>
  );
}
