import { ArrowDown, ArrowUp, ChevronRight, MessageCircleQuestion, Plus, Search, Trash2 } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import type { FaqEntry } from "@/api/types";
import { t } from "@/strings";
import { Button, Field, Input, TextArea } from "@/ui/controls";
import { Empty } from "@/ui/states";
import { toast } from "@/ui/toast";
import { LONGEST_ANSWER, LONGEST_QUESTION, MOST_ENTRIES, mentions, mistakesOf, moved } from "./entries";

interface EntriesProps {
  faq: readonly FaqEntry[];
  open: number | null;
  showMistakes: boolean;
  onOpen: (index: number | null) => void;
  onChange: (faq: FaqEntry[]) => void;
}

/** From this many entries on a filter is of use. */
const MANY = 6;

/** Questions with their answers, in the order that the owner gives them. */
export function Entries({ faq, open, showMistakes, onOpen, onChange }: EntriesProps) {
  const [filter, setFilter] = useState("");
  const [said, setSaid] = useState("");
  const latest = useRef({ faq, onChange });
  useEffect(() => {
    latest.current = { faq, onChange };
  });

  const add = () => {
    setFilter("");
    onChange([...faq, { topic: "", question: "", answer: "" }]);
    onOpen(faq.length);
  };
  const move = (index: number, by: -1 | 1) => {
    onChange(moved(faq, index, by));
    onOpen(index + by);
    setSaid(t.faq.movedTo(faq[index]?.topic || t.faq.unnamed, index + by + 1, faq.length));
  };
  const remove = (index: number) => {
    const gone = faq[index];
    if (!gone) return;
    onChange(faq.filter((_, at) => at !== index));
    onOpen(null);
    toast(t.faq.removed(gone.topic || t.faq.unnamed), "info", {
      label: t.faq.undo,
      run: () => {
        const now = [...latest.current.faq];
        now.splice(index, 0, gone);
        latest.current.onChange(now);
      },
    });
  };

  const shown = faq
    .map((entry, index) => ({ entry, index }))
    .filter(({ entry, index }) => index === open || mentions(entry, filter));
  return (
    <section className="faq-entries part" aria-labelledby="faq-heading" data-part="entries">
      <div className="part-head">
        <h2 id="faq-heading">{t.faq.entries(faq.length)}</h2>
        <Button look={faq.length === 0 ? "primary" : "plain"} onClick={add} disabled={faq.length >= MOST_ENTRIES}>
          <Plus size={16} aria-hidden="true" />
          {t.faq.add}
        </Button>
      </div>
      {faq.length >= MANY && (
        <div className="faq-filter">
          <Search size={16} aria-hidden="true" />
          <Input
            type="search"
            data-search
            aria-label={t.faq.filter}
            placeholder={t.faq.filter}
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        </div>
      )}
      <p className="hidden-visually" role="status">
        {said}
      </p>
      {faq.length === 0 ? (
        <Empty icon={MessageCircleQuestion} title={t.faq.emptyTitle} body={t.faq.emptyBody} />
      ) : shown.length === 0 ? (
        <Empty icon={Search} title={t.faq.noneFound(filter.trim())}>
          <Button onClick={() => setFilter("")}>{t.common.clear}</Button>
        </Empty>
      ) : (
        <ol className="faq-list">
          {shown.map(({ entry, index }) => (
            <Entry
              key={index}
              entry={entry}
              open={open === index}
              showMistakes={showMistakes}
              first={index === 0}
              last={index === faq.length - 1}
              onToggle={() => onOpen(open === index ? null : index)}
              onChange={(next) => onChange(faq.map((one, at) => (at === index ? next : one)))}
              onMove={(by) => move(index, by)}
              onRemove={() => remove(index)}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

interface EntryProps {
  entry: FaqEntry;
  open: boolean;
  showMistakes: boolean;
  first: boolean;
  last: boolean;
  onToggle: () => void;
  onChange: (entry: FaqEntry) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

function Entry({ entry, open, showMistakes, first, last, onToggle, onChange, onMove, onRemove }: EntryProps) {
  const id = useId();
  const [left, setLeft] = useState(false);
  const card = useRef<HTMLLIElement>(null);
  const mistakes = mistakesOf(entry);
  const wrong = Object.keys(mistakes).length > 0;
  // What is merely not written yet is no mistake before the person moved on.
  const visible = showMistakes || left ? mistakes : {};
  const alternatives = entry.alternatives ?? [];

  useEffect(() => {
    if (!open) return;
    card.current?.scrollIntoView({ block: "nearest" });
    if (entry.topic === "") card.current?.querySelector("input")?.focus();
    // Once, when it opens.
  }, [open]);

  return (
    <li
      ref={card}
      className="faq-entry"
      data-open={open || undefined}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setLeft(true);
      }}
    >
      <button type="button" className="faq-row" aria-expanded={open} aria-controls={`${id}-form`} onClick={onToggle}>
        <ChevronRight size={16} aria-hidden="true" />
        <span className="faq-row-text">
          <span className="faq-topic">{entry.topic || t.faq.unnamed}</span>
          {!open && entry.question !== "" && <span className="faq-question">{entry.question}</span>}
          {!open && entry.answer !== "" && <span className="faq-answer">{entry.answer}</span>}
        </span>
        {wrong && (showMistakes || left) && !open && <span className="faq-wrong">{t.faq.incomplete}</span>}
      </button>
      {open && (
        <div className="faq-form" id={`${id}-form`}>
          <Field label={t.faq.topic} help={t.faq.topicHelp} error={visible.topic}>
            {(ids) => (
              <Input
                {...ids}
                maxLength={LONGEST_QUESTION}
                value={entry.topic}
                onChange={(event) => onChange({ ...entry, topic: event.target.value })}
              />
            )}
          </Field>
          <Field label={t.faq.question} error={visible.question}>
            {(ids) => (
              <Input
                {...ids}
                maxLength={LONGEST_QUESTION}
                value={entry.question}
                onChange={(event) => onChange({ ...entry, question: event.target.value })}
              />
            )}
          </Field>
          <Field
            label={t.faq.answer}
            help={t.faq.answerHelp(Array.from(entry.answer).length, LONGEST_ANSWER)}
            error={visible.answer ?? (Array.from(entry.answer).length > LONGEST_ANSWER ? mistakes.answer : null)}
          >
            {(ids) => (
              <TextArea
                {...ids}
                rows={3}
                value={entry.answer}
                onChange={(event) => onChange({ ...entry, answer: event.target.value })}
              />
            )}
          </Field>
          <Alternatives
            alternatives={alternatives}
            error={visible.alternatives}
            onChange={(next) => onChange({ ...entry, alternatives: next.length > 0 ? next : undefined })}
          />
          <div className="faq-tools">
            <Button look="quiet" iconOnly aria-label={t.faq.up} disabled={first} onClick={() => onMove(-1)}>
              <ArrowUp size={16} aria-hidden="true" />
            </Button>
            <Button look="quiet" iconOnly aria-label={t.faq.down} disabled={last} onClick={() => onMove(1)}>
              <ArrowDown size={16} aria-hidden="true" />
            </Button>
            <span className="faq-gap" />
            <Button look="danger" onClick={onRemove}>
              <Trash2 size={16} aria-hidden="true" />
              {t.faq.remove}
            </Button>
            <Button onClick={onToggle}>{t.common.done}</Button>
          </div>
        </div>
      )}
    </li>
  );
}

/** Other ways in which callers ask the same. */
function Alternatives(props: {
  alternatives: readonly string[];
  error?: string;
  onChange: (alternatives: string[]) => void;
}) {
  const list = useRef<HTMLFieldSetElement>(null);
  const add = () => {
    props.onChange([...props.alternatives, ""]);
    requestAnimationFrame(() => {
      const fields = list.current?.querySelectorAll("input");
      fields?.[fields.length - 1]?.focus();
    });
  };
  return (
    <fieldset className="faq-others" ref={list}>
      <legend className="field-label">{t.faq.others}</legend>
      {props.alternatives.map((one, index) => (
        <div key={index} className="faq-other">
          <Input
            aria-label={t.faq.other(index + 1)}
            maxLength={LONGEST_QUESTION}
            value={one}
            onChange={(event) =>
              props.onChange(props.alternatives.map((text, at) => (at === index ? event.target.value : text)))
            }
          />
          <Button
            look="quiet"
            iconOnly
            aria-label={t.faq.removeOther(index + 1)}
            onClick={() => props.onChange(props.alternatives.filter((_, at) => at !== index))}
          >
            <Trash2 size={16} aria-hidden="true" />
          </Button>
        </div>
      ))}
      {props.error && (
        <p className="field-error" role="alert">
          {props.error}
        </p>
      )}
      <div>
        <Button look="link" onClick={add}>
          <Plus size={16} aria-hidden="true" />
          {t.faq.addOther}
        </Button>
      </div>
    </fieldset>
  );
}
