import { Plus, Trash2 } from "lucide-react";
import { useId } from "react";
import type { Hours } from "@/api/types";
import { t } from "@/strings";
import { Button, Input } from "@/ui/controls";
import { WEEK, hoursOn, mistakeIn } from "./hours";

/** Opening hours, day by day. */
export function HoursEditor(props: { label: string; hours: readonly Hours[]; onChange: (hours: Hours[]) => void }) {
  const id = useId();
  const mistake = mistakeIn(props.hours);
  const replace = (old: Hours, now: Partial<Hours>) =>
    props.onChange(props.hours.map((one) => (one === old ? { ...one, ...now } : one)));
  // Midnight at the end of a day is 24:00 for the server and 00:00 in a field of the browser.
  const shown = (time: string) => (time === "24:00" ? "00:00" : time);

  return (
    <div className="hours" role="group" aria-label={props.label}>
      {WEEK.map((day) => {
        const spans = hoursOn(props.hours, day);
        const name = t.days[day] ?? "";
        const wrong = mistake?.day === day ? mistake.words : null;
        return (
          <div key={day} className="hours-day" role="group" aria-label={name}>
            <span className="hours-name">
              <span aria-hidden="true">{t.daysShort[day]}</span>
              {spans.length === 0 && <span className="hours-closed">{t.hours.closed}</span>}
            </span>
            <div className="hours-spans">
              {spans.map((span, index) => (
                <div key={index} className="hours-span">
                  <Input
                    type="time"
                    aria-label={t.hours.from(name)}
                    aria-invalid={wrong ? true : undefined}
                    aria-describedby={wrong ? `${id}-${day}` : undefined}
                    value={span.start}
                    onChange={(event) => replace(span, { start: event.target.value })}
                  />
                  <span aria-hidden="true">–</span>
                  <Input
                    type="time"
                    aria-label={t.hours.to(name)}
                    aria-invalid={wrong ? true : undefined}
                    value={shown(span.end)}
                    onChange={(event) =>
                      replace(span, { end: event.target.value === "00:00" ? "24:00" : event.target.value })
                    }
                  />
                  <Button
                    look="quiet"
                    iconOnly
                    aria-label={t.hours.remove(name, index + 1)}
                    onClick={() => props.onChange(props.hours.filter((one) => one !== span))}
                  >
                    <Trash2 size={16} aria-hidden="true" />
                  </Button>
                </div>
              ))}
              {wrong && (
                <p id={`${id}-${day}`} className="field-error" role="alert">
                  {wrong}
                </p>
              )}
            </div>
            <Button
              look="quiet"
              iconOnly
              aria-label={t.hours.add(name)}
              onClick={() => props.onChange([...props.hours, next(day, spans)])}
            >
              <Plus size={16} aria-hidden="true" />
            </Button>
          </div>
        );
      })}
    </div>
  );
}

/** The usual hours, or an hour after the last ones. */
function next(day: number, spans: readonly Hours[]): Hours {
  const last = spans[spans.length - 1];
  if (!last) return { day, start: "08:00", end: "17:00" };
  const hour = Math.min(Number(last.end.slice(0, 2)) + 1, 22);
  const clock = (hours: number) => `${String(hours).padStart(2, "0")}:00`;
  return { day, start: clock(hour), end: clock(Math.min(hour + 4, 24)) };
}
