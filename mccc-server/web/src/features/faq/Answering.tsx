import type { AnswerMode, Conversation, ModelUse } from "./entries";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { Field, Input, Segmented, Select } from "@/ui/controls";

const MODES: readonly AnswerMode[] = ["automatic", "draft", "off"];
const MODEL_USES: readonly ModelUse[] = ["off", "phrase", "phrase_and_classify"];

/** Who answers callers' texts, and what the machine may say and ask. */
export function Answering({ value, onChange }: { value: Conversation; onChange: (value: Conversation) => void }) {
  const s = t.faq.answering;
  const { session } = useCurrent();
  return (
    <section className="part" aria-labelledby="answering-heading" data-part="facts">
      <h2 id="answering-heading">{s.title}</h2>
      <Segmented
        label={s.title}
        value={value.answers}
        options={MODES.map((one) => ({ value: one, label: s.mode[one] }))}
        onChange={(answers) => onChange({ ...value, answers })}
      />
      <p className="quiet">{s.about[value.answers]}</p>
      <label className="check">
        <input
          type="checkbox"
          checked={value.ask_address}
          onChange={(event) => onChange({ ...value, ask_address: event.target.checked })}
        />
        {s.askAddress}
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={value.quote_prices}
          onChange={(event) => onChange({ ...value, quote_prices: event.target.checked })}
        />
        {s.quotePrices}
      </label>
      <Field label={s.idle} help={s.idleHelp}>
        {(ids) => (
          <Input
            {...ids}
            type="number"
            min={5}
            max={1440}
            value={value.idle_minutes}
            onChange={(event) => onChange({ ...value, idle_minutes: Number(event.target.value) })}
          />
        )}
      </Field>
      <Field label={s.model} help={session.language_model ? s.modelHelp : s.noModel}>
        {(ids) => (
          <Select
            {...ids}
            value={value.model}
            onChange={(event) => {
              const model = MODEL_USES.find((one) => one === event.target.value);
              if (model) onChange({ ...value, model });
            }}
          >
            {MODEL_USES.map((one) => (
              <option key={one} value={one}>
                {s.modelUse[one]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <label className="check">
        <input
          type="checkbox"
          checked={value.meaning}
          aria-describedby="meaning-help"
          onChange={(event) => onChange({ ...value, meaning: event.target.checked })}
        />
        {s.meaning}
      </label>
      <p className="quiet" id="meaning-help">
        {session.embedding_model ? s.meaningHelp : s.noMeaning}
      </p>
    </section>
  );
}
