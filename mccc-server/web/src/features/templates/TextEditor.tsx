import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { textPreview } from "@/api/queries";
import type { TextPreview, Texts, Wordings } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { segmentsOf } from "@/lib/segments";
import { t } from "@/strings";
import { Button, Field, Select, TextArea } from "@/ui/controls";
import { Label } from "@/ui/Label";
import { toast } from "@/ui/toast";
import type { Problems } from "./TemplatesPage";
import { DELAYS, type Hours, SWITCH, type TextKind, fieldOf, inserted } from "./texts";

interface EditorProps {
  kind: TextKind;
  hours: Hours;
  texts: Texts;
  saved: Texts;
  wordings: Wordings;
  problems: Problems;
  onHours: (hours: Hours) => void;
  onChange: (texts: Texts) => void;
}

const HOURS: readonly Hours[] = ["business_hours", "after_hours"];

/** One text: what it says, when it goes out, and what a caller gets. */
export function TextEditor(props: EditorProps) {
  const { kind, hours, texts, saved, wordings, problems, onHours, onChange } = props;
  const { business } = useCurrent();
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const cursor = useRef<number | null>(null);
  const field = fieldOf(kind, hours);
  const text = texts[field];
  const settled = useSettled(text, 200);
  const shown = useQuery({ ...textPreview(business.id, field, settled), placeholderData: keepPreviousData });
  const preview = shown.data;
  const flag = SWITCH[kind];
  const on = flag === undefined || texts[flag];
  const live = preview && settled === text && !shown.isPlaceholderData ? preview.problems : [];
  const wrong = live.length > 0 ? live : (problems[field] ?? []);

  // The cursor goes behind what was put in, once the new text is in the field.
  useEffect(() => {
    if (cursor.current === null) return;
    area.current?.focus();
    area.current?.setSelectionRange(cursor.current, cursor.current);
    cursor.current = null;
  }, [text]);

  const write = (next: string) => onChange({ ...texts, [field]: next });
  const insert = (name: string) => {
    const { selectionStart = text.length, selectionEnd = text.length } = area.current ?? {};
    const next = inserted(text, selectionStart, selectionEnd, `{{${name}}}`);
    cursor.current = next.cursor;
    write(next.text);
  };
  const pick = (wording: string) => {
    if (wording === text) return;
    const before = texts;
    write(wording);
    toast(t.templates.picked, "info", { label: t.templates.undo, run: () => onChange(before) });
  };

  const presets = wordings.presets.filter((preset) => preset.fields.some((one) => one === field));
  const rules = wordings.fields.find((one) => one.field === field);
  const known = wordings.variables.filter((variable) => rules?.variables.includes(variable.name));
  const body = (
    <div className="text-columns">
      <div className="text-editor">
        <Field
          label={t.templates.wording}
          error={wrong.length > 0 ? plain(wrong.join(" ")) : null}
          help={preview && counted(preview)}
        >
          {(ids) => (
            <TextArea
              {...ids}
              ref={area}
              rows={6}
              value={text}
              onChange={(event) => write(event.target.value)}
              data-autofocus
            />
          )}
        </Field>
        {wrong.length > 0 && preview && preview.text !== "" && <p className="quiet">{counted(preview)}</p>}
        <div className="field" role="group" aria-labelledby={`${id}-variables`}>
          <p className="field-label" id={`${id}-variables`}>
            {t.templates.variables}
          </p>
          <div className="text-variables">
            {known.map((variable) => (
              <button
                key={variable.name}
                type="button"
                className="text-variable"
                title={t.templates.fillsIn(variable.sample)}
                onClick={() => insert(variable.name)}
              >
                {t.templates.variable[variable.name] ?? variable.name}
              </button>
            ))}
          </div>
          <p className="field-help">{rules?.needs_business_name ? t.templates.needsName : t.templates.variablesHelp}</p>
        </div>
        {text !== saved[field] && (
          <div>
            <Button look="link" onClick={() => write(saved[field])}>
              <RotateCcw size={16} aria-hidden="true" />
              {t.templates.back}
            </Button>
          </div>
        )}
      </div>
      <Phone kind={kind} hours={hours} on={on} preview={preview} />
      {presets.length > 0 && (
        <div className="field text-more" role="group" aria-labelledby={`${id}-presets`}>
          <p className="field-label" id={`${id}-presets`}>
            {t.templates.presets}
          </p>
          <ul className="text-presets">
            {presets.map((preset) => (
              <li key={preset.id}>
                <button
                  type="button"
                  className="text-preset"
                  aria-pressed={preset.text === text}
                  onClick={() => pick(preset.text)}
                >
                  <span className="text-preset-name">{preset.label}</span>
                  <span className="text-preset-text">{preset.text}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );

  return (
    <section className="part text-part" aria-labelledby={`${id}-heading`}>
      <div className="part-head">
        <h2 id={`${id}-heading`}>{t.templates.kind[kind]}</h2>
        {flag !== undefined && (
          <label className="check">
            <input
              type="checkbox"
              checked={texts[flag]}
              onChange={(event) => onChange({ ...texts, [flag]: event.target.checked })}
            />
            {t.templates.send}
          </label>
        )}
      </div>
      <p className="quiet">{t.templates.about[kind]}</p>
      {kind === "followup" && (
        <div className="text-delay">
          <Field label={t.templates.delay} help={t.templates.delayHelp}>
            {(ids) => (
              <Select
                {...ids}
                value={texts.followup_delay_minutes}
                disabled={!texts.followup_enabled}
                onChange={(event) => onChange({ ...texts, followup_delay_minutes: Number(event.target.value) })}
              >
                {DELAYS.map((minutes) => (
                  <option key={minutes} value={minutes}>
                    {t.templates.minutes(minutes)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
      )}
      {kind === "auto_text" ? (
        <>
          <Tabs id={id} hours={hours} problems={problems} onHours={onHours} />
          <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${hours}`}>
            {body}
          </div>
        </>
      ) : (
        body
      )}
    </section>
  );
}

function Tabs(props: { id: string; hours: Hours; problems: Problems; onHours: (hours: Hours) => void }) {
  const step = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    const other = props.hours === "after_hours" ? "business_hours" : "after_hours";
    props.onHours(other);
    document.getElementById(`${props.id}-${other}`)?.focus();
  };
  return (
    <div className="segmented text-tabs" role="tablist" aria-label={t.templates.kind.auto_text} onKeyDown={step}>
      {HOURS.map((one) => (
        <button
          key={one}
          type="button"
          role="tab"
          id={`${props.id}-${one}`}
          aria-controls={`${props.id}-panel`}
          aria-selected={one === props.hours}
          tabIndex={one === props.hours ? 0 : -1}
          onClick={() => props.onHours(one)}
        >
          <Label>{t.templates.hours[one]}</Label>
          {props.problems[`auto_text_${one}`] !== undefined && (
            <span className="templates-wrong"> {t.templates.mustFix}</span>
          )}
        </button>
      ))}
    </div>
  );
}

/** What a caller's phone shows. */
function Phone(props: { kind: TextKind; hours: Hours; on: boolean; preview: TextPreview | undefined }) {
  const { business } = useCurrent();
  const number = business.numbers[0]?.national ?? business.name;
  const { preview } = props;
  return (
    <figure className="text-phone" data-off={props.on ? undefined : true}>
      <figcaption className="hidden-visually">{t.templates.preview}</figcaption>
      <div className="text-phone-screen">
        <p className="text-phone-head">{number}</p>
        <p className="text-phone-day">{t.templates.textMessage}</p>
        {props.kind === "auto_text" && props.hours === "after_hours" && (
          <p className="text-phone-label">
            <Label size={13}>{t.templates.afterHoursLabel}</Label>
          </p>
        )}
        {preview === undefined ? (
          <p className="text-phone-bubble" aria-busy="true">
            {t.common.loading}
          </p>
        ) : preview.text === "" ? (
          <p className="text-phone-none">{t.templates.noPreview}</p>
        ) : (
          <p className="text-phone-bubble">{preview.text}</p>
        )}
        {!props.on && <p className="text-phone-none">{t.templates.offNow}</p>}
      </div>
    </figure>
  );
}

/** The server marks what stands in a text with backticks, which say nothing to a contractor. */
function plain(problem: string): string {
  return problem.replaceAll("`", "");
}

/** The length of a text as it is sent; what a segment holds depends on its letters. */
function counted(preview: TextPreview): string {
  const { units, segments, encoding } = segmentsOf(preview.text);
  return encoding === "gsm7"
    ? t.templates.counted(preview.characters, segments)
    : t.templates.countedWide(preview.characters, segments, units);
}

/** A value once nobody has changed it for a while. */
function useSettled(value: string, ms: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
