import { HoursEditor } from "@/shared/HoursEditor";
import { WordList } from "@/shared/WordList";
import { t } from "@/strings";
import type { Knowledge } from "./entries";

/** Facts that answer by themselves, without an entry. */
export function Facts({ value, onChange }: { value: Knowledge; onChange: (value: Knowledge) => void }) {
  return (
    <section className="part" aria-labelledby="facts-heading" data-part="facts">
      <h2 id="facts-heading">{t.faq.facts}</h2>
      <p className="quiet">{t.faq.factsAbout}</p>
      <WordList
        label={t.faq.services}
        help={t.faq.servicesHelp}
        words={value.services}
        onChange={(services) => onChange({ ...value, services })}
      />
      <WordList
        label={t.faq.cities}
        help={t.faq.citiesHelp}
        words={value.cities}
        onChange={(cities) => onChange({ ...value, cities })}
      />
      <WordList label={t.faq.zips} words={value.zips} onChange={(zips) => onChange({ ...value, zips })} />
      <div className="field">
        <p className="field-label">{t.faq.hours}</p>
        <p className="field-help">{t.faq.hoursHelp}</p>
        <HoursEditor label={t.faq.hours} hours={value.hours} onChange={(hours) => onChange({ ...value, hours })} />
      </div>
    </section>
  );
}
