import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { METHODS } from "@/lib/methods";
import { t } from "@/strings";
import { Button, Input, Select } from "@/ui/controls";
import { type CallsSearch, DEFAULT_RANGE, OUTCOMES, RANGES, isBackwards, isFiltered } from "./search";

const TYPING_MS = 250;

/** Narrows the list at once; every choice is part of the page's address. */
export function Filters(props: {
  search: CallsSearch;
  period: { from?: string; to?: string };
  waiting: number;
  onChange: (search: CallsSearch) => void;
}) {
  const { search } = props;
  const set = (change: Partial<CallsSearch>) => props.onChange({ ...search, ...change });
  const custom = search.from !== undefined || search.to !== undefined;
  const backwards = isBackwards(props.period);
  return (
    <div className="filters" role="group" aria-label={t.calls.filter.label}>
      <SearchField value={search.q ?? ""} onChange={(q) => set({ q: q || undefined })} />
      <Select
        aria-label={t.calls.range.label}
        value={custom ? "custom" : (search.range ?? DEFAULT_RANGE)}
        onChange={(event) => {
          const value = event.target.value;
          const range = RANGES.find((one) => one === value);
          if (range) set({ range, from: undefined, to: undefined });
          else set({ range: undefined, ...props.period });
        }}
      >
        {RANGES.map((range) => (
          <option key={range} value={range}>
            {t.calls.range[range]}
          </option>
        ))}
        <option value="custom">{t.calls.range.custom}</option>
      </Select>
      {custom && (
        <>
          <Input
            type="date"
            aria-label={t.calls.range.from}
            aria-invalid={backwards || undefined}
            value={search.from ?? ""}
            onChange={(event) => set({ from: event.target.value || undefined })}
          />
          <Input
            type="date"
            aria-label={t.calls.range.to}
            aria-invalid={backwards || undefined}
            value={search.to ?? ""}
            onChange={(event) => set({ to: event.target.value || undefined })}
          />
        </>
      )}
      <Select
        aria-label={t.calls.filter.method}
        value={search.method ?? ""}
        onChange={(event) => set({ method: event.target.value || undefined })}
      >
        <option value="">{t.calls.filter.anyMethod}</option>
        {METHODS.map((method) => (
          <option key={method} value={method}>
            {t.method.name[method]}
          </option>
        ))}
      </Select>
      <Select
        aria-label={t.calls.filter.outcome}
        value={search.outcome ?? ""}
        onChange={(event) => set({ outcome: event.target.value || undefined })}
      >
        <option value="">{t.calls.filter.anyOutcome}</option>
        {OUTCOMES.map((outcome) => (
          <option key={outcome} value={outcome}>
            {t.calls.outcome[outcome]}
          </option>
        ))}
      </Select>
      <button
        type="button"
        className="button toggle"
        aria-pressed={search.attention === true}
        // What is owed is owed whenever the call came.
        onClick={() =>
          set(
            search.attention
              ? { attention: undefined, range: undefined }
              : { attention: true, range: "all", from: undefined, to: undefined },
          )
        }
      >
        {props.waiting > 0 ? t.calls.filter.attentionN(props.waiting) : t.calls.filter.attention}
      </button>
      {(isFiltered(search) || custom) && (
        <Button look="link" onClick={() => props.onChange({ call: search.call, tab: search.tab })}>
          {t.calls.filter.clear}
        </Button>
      )}
      {backwards && (
        <p className="field-error filters-error" role="alert">
          {t.calls.range.invalid}
        </p>
      )}
    </div>
  );
}

/** Types freely; the list follows when the typing rests. */
function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const said = useRef(value);
  useEffect(() => {
    // The address changed by other means: Back, or the button that clears.
    if (value !== said.current) {
      said.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const say = (next: string, wait: number) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      said.current = next.trim();
      onChange(next.trim());
    }, wait);
  };
  return (
    <div className="search-field">
      <Search size={16} aria-hidden="true" />
      <Input
        data-search
        type="search"
        aria-label={t.calls.filter.search}
        placeholder={t.calls.filter.search}
        value={text}
        onChange={(event) => say(event.target.value, TYPING_MS)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.preventDefault();
            say("", 0);
            event.currentTarget.blur();
          }
        }}
      />
      {text !== "" && (
        <Button look="quiet" iconOnly aria-label={t.common.clear} onClick={() => say("", 0)}>
          <X size={16} aria-hidden="true" />
        </Button>
      )}
    </div>
  );
}
