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
import type { CallRow, OutcomeKey } from "@/api/types";
import { t } from "@/strings";
import { Pill, type Tone } from "@/ui/states";

const OUTCOME_LOOKS: Record<OutcomeKey, { icon: LucideIcon; tone?: Tone }> = {
  appointment_booked: { icon: CalendarCheck, tone: "good" },
  question_answered: { icon: CircleHelp, tone: "good" },
  callback_requested: { icon: PhoneMissed, tone: "attention" },
  voicemail_left: { icon: Voicemail, tone: "info" },
  no_response: { icon: CircleMinus },
  hung_up: { icon: PhoneOff },
  spam: { icon: ShieldX },
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
  const look = OUTCOME_LOOKS[call.outcome_key];
  return (
    <Pill tone={look.tone} icon={look.icon}>
      {t.calls.outcome[call.outcome_key]}
    </Pill>
  );
}
