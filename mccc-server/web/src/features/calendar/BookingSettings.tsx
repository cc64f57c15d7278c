import type { Settings } from "@/api/types";
import { HoursEditor } from "@/shared/HoursEditor";
import { hoursSentence } from "@/shared/hours";
import type { Draft } from "@/shared/useDraft";
import { t } from "@/strings";
import { Button, Field, Input, Select } from "@/ui/controls";
import { Banner } from "@/ui/states";
import { BookingDates } from "./BookingDates";
import { Connection } from "./Connection";
import { OtherCalendars } from "./OtherCalendars";
import {
  BUFFERS,
  type BookingPart,
  DURATIONS,
  LEADS,
  REMINDERS,
  WINDOWS,
  mistakesIn,
  ownHours,
  withReminder,
} from "./week";

/** How appointments can be booked. */
export function BookingSettings(props: { draft: Draft<BookingPart>; settings: Settings; showMistakes: boolean }) {
  const { draft, settings } = props;
  const { booking, reminders } = draft.value;
  const set = (change: Partial<BookingPart["booking"]>) =>
    draft.change({ ...draft.value, booking: { ...booking, ...change } });
  const local = mistakesIn(draft.value, t.calendar.wrong);
  // The server's own words where it refuses what this page let pass.
  const refused = (name: string) => draft.fields.find((one) => one.field === `/booking/${name}`)?.message;
  const elsewhere = draft.fields.filter((one) => !/^\/booking\//.test(one.field ?? ""));
  const inherited = booking.hours === undefined;
  const businessHours = settings.schedule.business_hours;
  const choices = (known: readonly number[], present: number) =>
    known.includes(present) ? known : [...known, present].sort((a, b) => a - b);

  return (
    <div className="cal-settings">
      <div>
        <section className="part" aria-labelledby="booking-heading">
          <h2 id="booking-heading">{t.calendar.rules}</h2>
          <p className="quiet">{t.calendar.rulesAbout}</p>
          {elsewhere.length > 0 && (
            <Banner tone="problem" alert>
              {t.list(elsewhere.map((one) => one.message))}
            </Banner>
          )}
          <div className="part-row">
            <Field label={t.calendar.duration} error={refused("duration_minutes")}>
              {(ids) => (
                <Select
                  {...ids}
                  value={booking.duration_minutes}
                  onChange={(event) => set({ duration_minutes: Number(event.target.value) })}
                >
                  {choices(DURATIONS, booking.duration_minutes).map((minutes) => (
                    <option key={minutes} value={minutes}>
                      {t.calendar.minutes(minutes)}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            <Field label={t.calendar.buffer} help={t.calendar.bufferHelp} error={refused("buffer_minutes")}>
              {(ids) => (
                <Select
                  {...ids}
                  value={booking.buffer_minutes}
                  onChange={(event) => set({ buffer_minutes: Number(event.target.value) })}
                >
                  {choices(BUFFERS, booking.buffer_minutes).map((minutes) => (
                    <option key={minutes} value={minutes}>
                      {minutes === 0 ? t.common.none : t.calendar.minutes(minutes)}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            <Field label={t.calendar.max} help={t.calendar.maxHelp} error={local.max_per_day ?? refused("max_per_day")}>
              {(ids) => (
                <Input
                  {...ids}
                  type="number"
                  inputMode="numeric"
                  min={1}
                  max={20}
                  value={Number.isNaN(booking.max_per_day) ? "" : booking.max_per_day}
                  onChange={(event) => set({ max_per_day: event.target.valueAsNumber })}
                />
              )}
            </Field>
            <Field label={t.calendar.lead1} help={t.calendar.leadHelp} error={refused("lead_minutes")}>
              {(ids) => (
                <Select
                  {...ids}
                  value={booking.lead_minutes}
                  onChange={(event) => set({ lead_minutes: Number(event.target.value) })}
                >
                  {choices(LEADS, booking.lead_minutes).map((minutes) => (
                    <option key={minutes} value={minutes}>
                      {minutes === 0 ? t.common.none : t.calendar.ahead(minutes)}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          </div>
          <div className="cal-window">
            <Field
              label={t.calendar.window}
              help={t.calendar.windowHelp}
              error={local.window_days ?? refused("window_days")}
            >
              {(ids) => (
                <Input
                  {...ids}
                  type="number"
                  inputMode="numeric"
                  min={1}
                  max={30}
                  value={Number.isNaN(booking.window_days) ? "" : booking.window_days}
                  onChange={(event) => set({ window_days: event.target.valueAsNumber })}
                />
              )}
            </Field>
            <div className="segmented" role="group" aria-label={t.calendar.window}>
              {WINDOWS.map((days) => (
                <button
                  key={days}
                  type="button"
                  aria-pressed={booking.window_days === days}
                  onClick={() => set({ window_days: days })}
                >
                  {t.calendar.daysN(days)}
                </button>
              ))}
            </div>
          </div>
        </section>
        <section className="part" aria-labelledby="reminders-heading">
          <h2 id="reminders-heading">{t.calendar.reminders}</h2>
          <p className="quiet">{t.calendar.remindersAbout}</p>
          <div className="cal-checks">
            {REMINDERS.map((minutes) => (
              <label key={minutes} className="check">
                <input
                  type="checkbox"
                  checked={reminders.includes(minutes)}
                  onChange={(event) =>
                    draft.change({
                      ...draft.value,
                      reminders: withReminder(reminders, minutes, event.target.checked),
                    })
                  }
                />
                {t.calendar.before(minutes)}
              </label>
            ))}
          </div>
          {reminders.length > 0 && (
            <div>
              <Button look="link" onClick={() => draft.change({ ...draft.value, reminders: [] })}>
                {t.calendar.noReminders}
              </Button>
            </div>
          )}
        </section>
      </div>
      <div>
        <section className="part" aria-labelledby="hours-heading">
          <h2 id="hours-heading">{t.calendar.hours}</h2>
          <div className="cal-choices" role="radiogroup" aria-labelledby="hours-heading">
            <label className="check">
              <input type="radio" name="booking-hours" checked={inherited} onChange={() => set({ hours: undefined })} />
              <span>
                {t.calendar.inherit}
                <span className="quiet">{hoursSentence(businessHours)}</span>
              </span>
            </label>
            <label className="check">
              <input
                type="radio"
                name="booking-hours"
                checked={!inherited}
                onChange={() => set({ hours: draft.saved.booking.hours ?? ownHours(settings) })}
              />
              <span>
                {t.calendar.own}
                <span className="quiet">{t.calendar.ownAbout}</span>
              </span>
            </label>
          </div>
          {booking.hours !== undefined && (
            <HoursEditor label={t.calendar.hours} hours={booking.hours} onChange={(hours) => set({ hours })} />
          )}
          {props.showMistakes && local.hours && (
            <p className="field-error" role="alert">
              {local.hours}
            </p>
          )}
          {refused("hours") && <Banner tone="problem">{refused("hours") ?? ""}</Banner>}
          <BookingDates dates={booking.dates ?? {}} onChange={(dates) => set({ dates })} />
        </section>
        <Connection>
          <div className="cal-choices">
            <label className="check">
              <input
                type="checkbox"
                checked={draft.value.calcom}
                onChange={(event) => draft.change({ ...draft.value, calcom: event.target.checked })}
              />
              <span>
                {t.calendar.calcom}
                <span className="quiet">{t.calendar.calcomSwitch}</span>
              </span>
            </label>
          </div>
        </Connection>
        <OtherCalendars />
      </div>
    </div>
  );
}
