import { useState } from "react";
import type { Method } from "@/api/types";
import { METHODS } from "@/lib/methods";
import { t } from "@/strings";
import { MethodIcons } from "@/ui/Method";
import { Button } from "@/ui/controls";
import type { Grid, GridCell } from "./grid";
import { summarize } from "./sentences";
import { methodWord, sentenceWords } from "./words";

const SHOWN = 8;

/** The schedule in words; choosing another method in a line repaints its hours. */
export function Words(props: {
  grid: Grid;
  onPaint: (indices: readonly number[], method: Method) => void;
  onMark: (indices: readonly number[]) => void;
}) {
  const [all, setAll] = useState(false);
  const { sentences, otherwise } = summarize(props.grid);
  const shown = all ? sentences : sentences.slice(0, SHOWN);
  const lines = [
    ...shown.map((sentence) => ({ words: sentenceWords(sentence), cell: sentence.cell, indices: sentence.indices })),
    ...(otherwise ? [{ words: sentences.length === 0 ? t.routing.always : t.routing.otherwise, cell: otherwise.cell, indices: otherwise.indices }] : []),
  ];
  return (
    <section className="side-part" aria-labelledby="words-heading">
      <h2 id="words-heading">{t.routing.sentences}</h2>
      <ul className="lines">
        {lines.map((line) => (
          <li
            key={line.words + methodWord(line.cell)}
            onPointerEnter={() => props.onMark(line.indices)}
            onPointerLeave={() => props.onMark([])}
            onFocus={() => props.onMark(line.indices)}
            onBlur={() => props.onMark([])}
          >
            <span>{line.words}</span>
            <MethodPick
              cell={line.cell}
              label={t.routing.change(line.words)}
              onPick={(method) => props.onPaint(line.indices, method)}
            />
          </li>
        ))}
      </ul>
      {!all && sentences.length > SHOWN && (
        <Button look="link" onClick={() => setAll(true)}>
          {t.routing.moreSentences(sentences.length - SHOWN)}
        </Button>
      )}
    </section>
  );
}

/** A method that can be changed in place. */
export function MethodPick(props: { cell: GridCell; label: string; onPick: (method: Method) => void }) {
  const { method, split } = props.cell;
  return (
    <span className="pick" data-method={split ? undefined : (method ?? undefined)}>
      {method && !split && <MethodIcons method={method} size={14} />}
      <select
        aria-label={props.label}
        value={split ? "" : (method ?? "")}
        onChange={(event) => props.onPick(event.target.value as Method)}
      >
        {(split !== null || method === null) && (
          <option value="" disabled>
            {methodWord(props.cell)}
          </option>
        )}
        {METHODS.map((one) => (
          <option key={one} value={one}>
            {t.method.name[one]}
          </option>
        ))}
      </select>
    </span>
  );
}
