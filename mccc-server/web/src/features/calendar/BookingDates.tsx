import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useCurrent } from "@/lib/business";
import { dayLabel, wallClock } from "@/lib/format";
import { dayOf } from "@/lib/zone";
import { t } from "@/strings";
import { Button, Field, Input, Select } from "@/ui/controls";
import { type Dates, mistakeInDate, withDate, withoutDate } from "./dates";

/** Dates with hours of their own: holidays, a Saturday that is worked. */
export function BookingDates(props: { dates: Dates; onChange: (dates: Dates) => void }) {
  const { zone } = useCurrent();
  const [date, setDate] = useState("");
  const [open, setOpen] = useState(false);
  const [from, setFrom] = useState("08:00");
  const [to, setTo] = useState("12:00");
  const [mistake, setMistake] = useState<string | null>(null);
  const today = dayOf(zone, Date.now());
  const coming = Object.entries(props.dates).filter(([day]) => day >= today);

  const add = () => {
    const hours: [string, string] | null = open ? [from, to === "00:00" ? "24:00" : to] : null;
    const found = mistakeInDate(date, hours, today, props.dates);
    setMistake(found);
    if (found) return;
    props.onChange(withDate(props.dates, date, hours));
    setDate("");
  };

  return (
    <div className="cal-dates" role="group" aria-labelledby="dates-heading">
      <h3 id="dates-heading">{t.calendar.dates.title}</h3>
      <p className="quiet">{t.calendar.dates.about}</p>
      {coming.length > 0 && (
        <ul className="cal-dates-list">
          {coming.map(([day, spans]) => (
            <li key={day}>
              <span>
                {dayLabel(day)}
                <span className="quiet">
                  {" "}
                  {spans.length === 0
                    ? t.hours.closed
                    : t.list(spans.map(([start, end]) => t.span(wallClock(start), wallClock(end))))}
                </span>
              </span>
              <Button
                look="quiet"
                iconOnly
                aria-label={t.calendar.dates.remove(dayLabel(day))}
                onClick={() => props.onChange(withoutDate(props.dates, day))}
              >
                <Trash2 size={16} aria-hidden="true" />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <div className="cal-dates-new">
        <Field label={t.calendar.dates.date} error={mistake}>
          {(ids) => (
            <Input {...ids} type="date" min={today} value={date} onChange={(event) => setDate(event.target.value)} />
          )}
        </Field>
        <Field label={t.calendar.dates.visits}>
          {(ids) => (
            <Select {...ids} value={open ? "open" : "closed"} onChange={(event) => setOpen(event.target.value === "open")}>
              <option value="closed">{t.calendar.dates.closed}</option>
              <option value="open">{t.calendar.dates.open}</option>
            </Select>
          )}
        </Field>
      </div>
      {open && (
        <div className="hours-span">
          <Input
            type="time"
            aria-label={t.calendar.dates.from}
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
          <span aria-hidden="true">–</span>
          <Input
            type="time"
            aria-label={t.calendar.dates.to}
            value={to}
            onChange={(event) => setTo(event.target.value)}
          />
        </div>
      )}
      <div>
        <Button onClick={add}>
          <Plus size={16} aria-hidden="true" />
          {t.calendar.dates.add}
        </Button>
      </div>
    </div>
  );
}
