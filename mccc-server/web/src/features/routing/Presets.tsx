import { Sparkles } from "lucide-react";
import { useState } from "react";
import type { Method, WeeklySpan } from "@/api/types";
import { METHODS } from "@/lib/methods";
import { t } from "@/strings";
import { Confirm, Dialog } from "@/ui/Dialog";
import { Label } from "@/ui/Label";
import { Button, Field, Select } from "@/ui/controls";
import { type Grid, changes, columnOfDay, paint } from "./grid";
import { DEFAULT_HOURS, type HoursChoice, inside, outside, recommended } from "./presets";
import { rowClock, shortDayWord } from "./words";

type Preset = "hours" | "after" | "both";

const words = t.routing.preset;
const CARDS: readonly { preset: Preset; title: string; about: string }[] = [
  { preset: "hours", title: words.hours, about: words.hoursAbout },
  { preset: "after", title: words.after, about: words.afterAbout },
  { preset: "both", title: words.both, about: words.bothAbout },
];

export function Presets(props: {
  grid: Grid;
  businessHours: readonly WeeklySpan[];
  dirty: boolean;
  onApply: (grid: Grid) => void;
}) {
  const [asking, setAsking] = useState<Preset | null>(null);
  const [open, setOpen] = useState<Preset | null>(null);
  const close = () => setOpen(null);
  const start = (preset: Preset) => {
    if (preset === "both") props.onApply(recommended(props.grid));
    else setOpen(preset);
  };
  const apply = (grid: Grid) => {
    props.onApply(grid);
    close();
  };
  return (
    <>
      <div className="presets" role="group" aria-label={t.routing.presets}>
        {CARDS.map((card) => (
          <button
            key={card.preset}
            type="button"
            className="preset"
            onClick={() => (props.dirty ? setAsking(card.preset) : start(card.preset))}
          >
            <span className="preset-title">
              {card.preset === "both" && <Sparkles size={16} aria-hidden="true" />}
              <Label>{card.title}</Label>
            </span>
            <span className="quiet">{card.about}</span>
          </button>
        ))}
      </div>
      {asking && (
        <Confirm
          title={words.overwrite}
          yes={words.overwriteYes}
          no={t.common.cancel}
          onNo={() => setAsking(null)}
          onYes={() => {
            setAsking(null);
            start(asking);
          }}
        />
      )}
      {open === "hours" && <HoursDialog grid={props.grid} onApply={apply} onClose={close} />}
      {open === "after" && (
        <AfterDialog grid={props.grid} hours={props.businessHours} onApply={apply} onClose={close} />
      )}
    </>
  );
}

function MethodField(props: { value: Method; onChange: (method: Method) => void }) {
  return (
    <Field label={words.method}>
      {(ids) => (
        <Select {...ids} value={props.value} onChange={(event) => props.onChange(event.target.value as Method)}>
          {METHODS.map((method) => (
            <option key={method} value={method}>
              {t.method.name[method]}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function TimeSelect(props: { label: string; value: number; from: number; to: number; onChange: (row: number) => void }) {
  const rows = Array.from({ length: props.to - props.from + 1 }, (_, index) => props.from + index);
  return (
    <Field label={props.label}>
      {(ids) => (
        <Select {...ids} value={props.value} onChange={(event) => props.onChange(Number(event.target.value))}>
          {rows.map((row) => (
            <option key={row} value={row}>
              {rowClock(row)}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

interface DialogProps {
  grid: Grid;
  onApply: (grid: Grid) => void;
  onClose: () => void;
}

function HoursDialog({ grid, onApply, onClose }: DialogProps) {
  const [choice, setChoice] = useState<HoursChoice>(DEFAULT_HOURS);
  const [method, setMethod] = useState<Method>("ai_voice");
  const mistake =
    choice.end <= choice.start ? words.order : choice.days.length === 0 ? words.noDays : null;
  const next = paint(grid, inside(choice), method);
  return (
    <Dialog
      title={words.hoursTitle}
      onClose={onClose}
      footer={<Foot mistake={mistake} grid={grid} next={next} onApply={onApply} onClose={onClose} />}
    >
      <div className="two">
        <TimeSelect
          label={words.start}
          value={choice.start}
          from={0}
          to={47}
          onChange={(start) => setChoice({ ...choice, start })}
        />
        <TimeSelect
          label={words.end}
          value={choice.end}
          from={1}
          to={48}
          onChange={(end) => setChoice({ ...choice, end })}
        />
      </div>
      <fieldset className="days">
        <legend>{words.days}</legend>
        {[1, 2, 3, 4, 5, 6, 0].map((day) => (
          <label key={day} className="check">
            <input
              type="checkbox"
              checked={choice.days.includes(day)}
              onChange={(event) =>
                setChoice({
                  ...choice,
                  days: event.target.checked ? [...choice.days, day] : choice.days.filter((one) => one !== day),
                })
              }
            />
            {shortDayWord(columnOfDay(day))}
          </label>
        ))}
      </fieldset>
      <MethodField value={method} onChange={setMethod} />
    </Dialog>
  );
}

function AfterDialog({ grid, hours, onApply, onClose }: DialogProps & { hours: readonly WeeklySpan[] }) {
  const [method, setMethod] = useState<Method>("voicemail");
  const closed = outside(hours);
  const next = paint(grid, closed, method);
  return (
    <Dialog
      title={words.afterTitle}
      onClose={onClose}
      footer={<Foot mistake={null} grid={grid} next={next} onApply={onApply} onClose={onClose} />}
    >
      <p>{words.afterBody(closed.length)}</p>
      <MethodField value={method} onChange={setMethod} />
    </Dialog>
  );
}

function Foot(props: DialogProps & { mistake: string | null; next: Grid }) {
  return (
    <>
      <p className={props.mistake ? "foot-note field-error" : "foot-note quiet"} role="status">
        {props.mistake ?? words.affects(changes(props.grid, props.next).length)}
      </p>
      <Button onClick={props.onClose}>{t.common.cancel}</Button>
      <Button look="primary" disabled={props.mistake !== null} onClick={() => props.onApply(props.next)}>
        {words.apply}
      </Button>
    </>
  );
}
