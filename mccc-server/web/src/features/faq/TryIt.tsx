import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ofBusiness } from "@/api/client";
import type { FaqEntry, TryRequest, TryResult } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { percent } from "@/lib/format";
import { t } from "@/strings";
import { Button, Field, TextArea } from "@/ui/controls";
import { Banner, Pill, sentenceOf } from "@/ui/states";
import { type Knowledge, canSave } from "./entries";

/** Asks a question as a caller would, with what is written on this page. */
export function TryIt(props: {
  /** What is not saved yet; nothing where everything is. */
  knowledge: Knowledge | null;
  faq: readonly FaqEntry[];
  onOpen: (index: number) => void;
}) {
  const { business } = useCurrent();
  const [text, setText] = useState("");
  const [mistake, setMistake] = useState<string | null>(null);
  const ask = useMutation({
    mutationFn: (request: TryRequest) => api.post<TryResult>(ofBusiness(business.id, "/faq/try"), request),
  });

  const run = (question: string) => {
    setMistake(question.trim() === "" ? t.faq.tryNeed : null);
    if (question.trim() === "" || ask.isPending) return;
    const draft = props.knowledge;
    // An entry that is not finished cannot be asked; the others can.
    const drafted: Partial<TryRequest> =
      draft && canSave(draft)
        ? {
            faq: draft.faq,
            services: draft.services,
            service_area: { cities: draft.cities, zips: draft.zips },
            business_hours: draft.hours,
          }
        : {};
    ask.mutate({ text: question.trim(), ...drafted });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run(text);
  };

  const unfinished = props.knowledge !== null && !canSave(props.knowledge);
  return (
    <section className="part faq-ask" aria-labelledby="try-heading" data-part="try">
      <h2 id="try-heading">{t.faq.try}</h2>
      <p className="quiet">{unfinished ? t.faq.tryUnfinished : t.faq.tryAbout}</p>
      <form className="faq-try" onSubmit={submit} noValidate>
        <Field label={t.faq.tryLabel} error={mistake}>
          {(ids) => (
            <TextArea
              {...ids}
              rows={2}
              maxLength={1600}
              placeholder={t.faq.tryPlaceholder}
              value={text}
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter" && !event.shiftKey) {
                  event.preventDefault();
                  run(text);
                }
              }}
            />
          )}
        </Field>
        <Button type="submit" busy={ask.isPending}>
          {t.faq.tryAsk}
        </Button>
      </form>
      <div className="faq-examples">
        {t.faq.examples.map((example) => (
          <Button
            key={example}
            look="link"
            onClick={() => {
              setText(example);
              run(example);
            }}
          >
            {t.faq.quoted(example)}
          </Button>
        ))}
      </div>
      <div aria-live="polite">
        {ask.isError && <Banner tone="problem">{sentenceOf(ask.error)}</Banner>}
        {ask.data && <Answer result={ask.data} question={ask.variables?.text ?? ""} {...props} />}
      </div>
    </section>
  );
}

function Answer(props: {
  result: TryResult;
  question: string;
  faq: readonly FaqEntry[];
  onOpen: (index: number) => void;
}) {
  const { result } = props;
  const { matched } = result;
  const entry = matched?.entry ?? null;
  const topic = matched ? (entry === null ? (t.faq.fact[matched.topic] ?? matched.topic) : matched.topic) : "";
  return (
    <div className="faq-result">
      <p className="faq-bubble" data-from="caller">
        {props.question}
      </p>
      {matched && result.sends !== null ? (
        <>
          <p className="faq-bubble" data-from="machine">
            {result.sends}
          </p>
          <p className="faq-verdict">
            <Pill tone="good">{t.faq.answeredFrom(topic)}</Pill>
            <span className="quiet">{t.faq.sure(percent(matched.score))}</span>
          </p>
          <p className="quiet">{t.faq.because(t.list(matched.met_in.map(inWords)))}</p>
          {entry !== null && entry < props.faq.length && (
            <div>
              <Button look="link" onClick={() => props.onOpen(entry)}>
                {t.faq.openEntry}
              </Button>
            </div>
          )}
        </>
      ) : (
        <>
          <p className="faq-verdict">
            <Pill tone="attention">{matched ? t.faq.held : t.faq.noAnswer}</Pill>
          </p>
          <p>{matched ? t.faq.priceHeld(topic) : (t.faq.intent[result.intent] ?? t.faq.intent.other)}</p>
          <p className="quiet">
            {t.faq.readAs(t.faq.intentName[result.intent] ?? result.intent, percent(result.confidence))}
          </p>
        </>
      )}
      {result.urgency !== "routine" && <Pill tone="problem">{t.faq.urgency[result.urgency] ?? result.urgency}</Pill>}
      {result.evidence.length > 0 && (
        <p className="quiet">
          {t.faq.heard(t.list([...new Set(result.evidence.map((one) => t.faq.quoted(one.words)))]))}
        </p>
      )}
    </div>
  );
}

/** A theme as it is, a word in quotes. */
function inWords(met: string): string {
  return met.startsWith("about ") ? met : t.faq.quoted(met);
}
