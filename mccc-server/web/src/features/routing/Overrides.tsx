import { Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { DateOverride, Method } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { dayLabel, wallClock } from "@/lib/format";
import { METHODS } from "@/lib/methods";
import { dayOf, isDay } from "@/lib/zone";
import { t } from "@/strings";
import { Button, Field, Input, Select } from "@/ui/controls";
import { MethodPick } from "./Words";

/** What is wrong with a date that is to be added. */
export function mistakeOf(date: string, today: string, overrides: readonly DateOverride[]): string | null {
  if (!isDay(date)) return t.routing.overrideNeedDate;
  if (date < today) return t.routing.overridePast;
  if (overrides.some((one) => one.date === date && !one.start_time)) return t.routing.overrideTwice;
  return null;
}

/** Holidays and days off. */
export function Overrides(props: {
  overrides: readonly DateOverride[];
  onChange: (overrides: DateOverride[]) => void;
}) {
  const { zone } = useCurrent();
  const [date, setDate] = useState("");
  const [method, setMethod] = useState<Method>("voicemail");
  const [label, setLabel] = useState("");
  const [mistake, setMistake] = useState<string | null>(null);
  const today = dayOf(zone, Date.now());

  const add = (event: FormEvent) => {
    event.preventDefault();
    const found = mistakeOf(date, today, props.overrides);
    setMistake(found);
    if (found) return;
    const added: DateOverride = { date, routing_method: method, label: label.trim() || null };
    props.onChange([...props.overrides, added].sort((a, b) => (a.date < b.date ? -1 : 1)));
    setDate("");
    setLabel("");
  };

  return (
    <section className="side-part" aria-labelledby="dates-heading">
      <h2 id="dates-heading">{t.routing.overrides}</h2>
      <p className="quiet">{t.routing.overridesAbout}</p>
      {props.overrides.length === 0 ? (
        <p className="quiet">{t.routing.overridesNone}</p>
      ) : (
        <ul className="lines">
          {props.overrides.map((one) => (
            <li key={one.id ?? one.date}>
              <span>
                {dayLabel(one.date)}
                {one.start_time && one.end_time && (
                  <span className="quiet"> {t.span(wallClock(one.start_time), wallClock(one.end_time))}</span>
                )}
                {one.label && <span className="quiet"> {one.label}</span>}
              </span>
              <MethodPick
                cell={{ method: one.routing_method, split: null }}
                label={t.routing.change(dayLabel(one.date))}
                onPick={(picked) =>
                  props.onChange(
                    props.overrides.map((each) => (each === one ? { ...each, routing_method: picked } : each)),
                  )
                }
              />
              <Button
                look="quiet"
                iconOnly
                aria-label={t.routing.overrideRemove(dayLabel(one.date))}
                onClick={() => props.onChange(props.overrides.filter((each) => each !== one))}
              >
                <Trash2 size={16} aria-hidden="true" />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <form className="side-form" onSubmit={add} noValidate>
        <Field label={t.routing.overrideDate} error={mistake}>
          {(ids) => (
            <Input {...ids} type="date" min={today} value={date} onChange={(event) => setDate(event.target.value)} />
          )}
        </Field>
        <Field label={t.routing.overrideMethod}>
          {(ids) => (
            <Select {...ids} value={method} onChange={(event) => setMethod(event.target.value as Method)}>
              {METHODS.map((one) => (
                <option key={one} value={one}>
                  {t.method.name[one]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={t.routing.overrideLabel}>
          {(ids) => (
            <Input {...ids} maxLength={80} value={label} onChange={(event) => setLabel(event.target.value)} />
          )}
        </Field>
        <Button type="submit">
          <Plus size={16} aria-hidden="true" />
          {t.routing.overrideAdd}
        </Button>
      </form>
    </section>
  );
}
