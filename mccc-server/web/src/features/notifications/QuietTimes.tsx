import { Plus, Trash2 } from "lucide-react";
import type { QuietTime } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { WEEK } from "@/shared/hours";
import type { Draft } from "@/shared/useDraft";
import { t } from "@/strings";
import { Button, Field, Input } from "@/ui/controls";
import { Banner } from "@/ui/states";
import { MOST_QUIET_TIMES, type Notices, mistakesIn, nextQuiet, overnight } from "./notices";

/** When nobody is disturbed, and whether emergencies are. */
export function QuietTimes({ draft, showMistakes }: { draft: Draft<Notices>; showMistakes: boolean }) {
  const { business } = useCurrent();
  const { value, change } = draft;
  const mistakes = showMistakes ? (mistakesIn(value).quiet ?? {}) : {};
  const refused = draft.fields.find((one) => one.field === "/notifications/do_not_disturb")?.message;
  const set = (quiet: QuietTime[]) => change({ ...value, quiet });
  return (
    <section className="part" aria-labelledby="quiet-heading">
      <div className="part-head">
        <h2 id="quiet-heading">{t.notifications.quiet}</h2>
        <Button
          disabled={value.quiet.length >= MOST_QUIET_TIMES}
          onClick={() => set([...value.quiet, nextQuiet(value.quiet)])}
        >
          <Plus size={16} aria-hidden="true" />
          {t.notifications.quietAdd}
        </Button>
      </div>
      <p className="quiet">{t.notifications.quietAbout(business.zone)}</p>
      {refused && (
        <Banner tone="problem" alert>
          {refused}
        </Banner>
      )}
      {value.quiet.length === 0 && <p>{t.notifications.quietNone}</p>}
      {value.quiet.map((time, index) => (
        <Quiet
          key={index}
          number={index + 1}
          time={time}
          mistake={mistakes[index] ?? null}
          onChange={(next) => set(value.quiet.map((one, at) => (at === index ? next : one)))}
          onRemove={() => set(value.quiet.filter((_, at) => at !== index))}
        />
      ))}
      <label className="check">
        <input
          type="checkbox"
          checked={value.emergencies}
          aria-describedby="emergencies-about"
          onChange={(event) => change({ ...value, emergencies: event.target.checked })}
        />
        {t.notifications.emergencies}
      </label>
      <p id="emergencies-about" className="field-help">
        {t.notifications.emergenciesAbout}
      </p>
    </section>
  );
}

function Quiet(props: {
  number: number;
  time: QuietTime;
  mistake: string | null;
  onChange: (time: QuietTime) => void;
  onRemove: () => void;
}) {
  const { number, time, mistake, onChange } = props;
  // Midnight at the end of a day is 24:00 for the server and 00:00 in a field of the browser.
  const shown = time.until === "24:00" ? "00:00" : time.until;
  return (
    <fieldset className="notices-quiet">
      <legend>{t.notifications.quietName(number)}</legend>
      <div className="notices-days" role="group" aria-label={t.notifications.quietDays}>
        {WEEK.map((day) => (
          <button
            key={day}
            type="button"
            aria-pressed={time.days.includes(day)}
            onClick={() =>
              onChange({
                ...time,
                days: WEEK.filter((one) => (one === day ? !time.days.includes(day) : time.days.includes(one))),
              })
            }
          >
            <span aria-hidden="true">{t.daysShort[day]}</span>
            <span className="hidden-visually">{t.days[day]}</span>
          </button>
        ))}
      </div>
      <div className="notices-times">
        <Field label={t.notifications.quietFrom}>
          {(ids) => (
            <Input
              {...ids}
              type="time"
              value={time.from}
              onChange={(event) => onChange({ ...time, from: event.target.value })}
            />
          )}
        </Field>
        <Field label={t.notifications.quietUntil} help={overnight(time) ? t.notifications.quietNext : undefined}>
          {(ids) => (
            <Input
              {...ids}
              type="time"
              value={shown}
              onChange={(event) => onChange({ ...time, until: event.target.value })}
            />
          )}
        </Field>
        <Button look="quiet" iconOnly aria-label={t.notifications.quietRemove(number)} onClick={props.onRemove}>
          <Trash2 size={16} aria-hidden="true" />
        </Button>
      </div>
      {mistake && (
        <p className="field-error" role="alert">
          {mistake}
        </p>
      )}
    </fieldset>
  );
}
