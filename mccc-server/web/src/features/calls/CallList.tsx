import { Link } from "@tanstack/react-router";
import { Phone, Siren } from "lucide-react";
import type { CallRow } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { dayName, duration } from "@/lib/format";
import { dayOf } from "@/lib/zone";
import { Outcome } from "@/shared/Outcome";
import { TextStatus } from "@/shared/TextStatus";
import { callerWord, numberWord } from "@/shared/caller";
import { t } from "@/strings";
import { MethodBadge } from "@/ui/Method";
import { When } from "@/ui/When";
import { Pill } from "@/ui/states";
import type { CallsSearch } from "./search";

/** Calls under the days they came on. */
export function CallList(props: { calls: readonly CallRow[]; search: CallsSearch; now: number }) {
  const { zone } = useCurrent();
  const today = dayOf(zone, props.now);
  const days: { day: string; calls: CallRow[] }[] = [];
  for (const call of props.calls) {
    const day = dayOf(zone, Date.parse(call.received_at));
    const last = days.at(-1);
    if (last?.day === day) last.calls.push(call);
    else days.push({ day, calls: [call] });
  }
  return (
    <>
      {days.map(({ day, calls }) => (
        <section key={day} className="day" aria-label={dayName(day, today)}>
          <h2 className="day-head">{dayName(day, today)}</h2>
          <ul>
            {calls.map((call) => (
              <Row key={call.id} call={call} search={props.search} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Row({ call, search }: { call: CallRow; search: CallsSearch }) {
  const { business } = useCurrent();
  const who = callerWord(call.caller);
  const number = numberWord(call.caller);
  const open = search.call === call.id;
  return (
    <li
      className="call"
      data-open={open || undefined}
      data-unread={call.unread || undefined}
      data-urgent={call.tags.includes("emergency") || undefined}
    >
      <Link
        className="call-link"
        from="/b/$business/calls"
        to="/b/$business/calls"
        params={{ business: business.id }}
        search={{ ...search, call: call.id, tab: undefined }}
        resetScroll={false}
        data-call={call.id}
        aria-current={open || undefined}
      >
        <span className="call-dot" aria-hidden="true" />
        <span className="call-time">
          <When at={call.received_at} form="clock" />
        </span>
        <span className="call-who">
          <span className="call-name">
            {who}
            {call.unread && <span className="hidden-visually"> {t.calls.unread}</span>}
          </span>
          {number && number !== who && <span className="call-number">{number}</span>}
          {call.is_test && <Pill>{t.calls.test}</Pill>}
        </span>
        <span className="call-method">
          <MethodBadge method={call.method} />
          {call.recording_seconds ? <span className="quiet">{duration(call.recording_seconds)}</span> : null}
        </span>
        <span className="call-text">
          {call.text_status !== "none" && <TextStatus status={call.text_status} />}
        </span>
        <span className="call-outcome">
          <Outcome call={call} />
          {call.tags.map(
            (tag) =>
              t.calls.tag[tag] && (
                <Pill
                  key={tag}
                  tone={tag === "emergency" ? "problem" : undefined}
                  icon={tag === "emergency" ? Siren : undefined}
                >
                  {t.calls.tag[tag]}
                </Pill>
              ),
          )}
        </span>
        {call.open_task && <span className="call-task">{call.open_task}</span>}
      </Link>
      {call.caller.number && (
        <a className="button call-back" data-look="quiet" href={`tel:${call.caller.number}`} aria-label={t.caller.callNamed(who)}>
          <Phone size={16} aria-hidden="true" />
          <span className="call-back-text">{t.caller.call}</span>
        </a>
      )}
    </li>
  );
}
