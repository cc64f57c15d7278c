import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { Redo2, Undo2 } from "lucide-react";
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { ApiError, api, ofBusiness } from "@/api/client";
import { routingRules } from "@/api/queries";
import type { Method, RoutingRules, SaveRoutingRules } from "@/api/types";
import { PageHead } from "@/frame/Frame";
import { useTitle } from "@/frame/title";
import { useCurrent, useNow } from "@/lib/business";
import { fullDate, wallClock } from "@/lib/format";
import { METHODS } from "@/lib/methods";
import { wallOf } from "@/lib/zone";
import { t } from "@/strings";
import { Confirm } from "@/ui/Dialog";
import { Label } from "@/ui/Label";
import { MethodIcons } from "@/ui/Method";
import { Button, Segmented } from "@/ui/controls";
import { Banner, ErrorState, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { MethodPopover } from "./MethodPopover";
import { Overrides } from "./Overrides";
import { Presets } from "./Presets";
import { type Choice, WeekGrid } from "./WeekGrid";
import { WhatIf } from "./WhatIf";
import { Words } from "./Words";
import { type Draft, draftOf, edit, editingOf, forget, keep, kept, sameOverrides, unsaved } from "./draft";
import { type Rect, cellsOf, changes, columnOfDay, gaps, indicesIn, paint, rowOfTime } from "./grid";
import { defaults } from "./presets";
import { daysWords } from "./words";
import "./routing.css";

export function RoutingPage() {
  const { business } = useCurrent();
  const rules = useQuery(routingRules(business.id));
  useTitle(t.routing.title);
  if (rules.data) return <Editor key={business.id} rules={rules.data} />;
  return (
    <>
      <PageHead title={t.routing.title} lead={t.routing.lead} />
      {rules.isError ? (
        <ErrorState error={rules.error} onRetry={() => void rules.refetch()} />
      ) : (
        <div className="routing" aria-busy="true">
          <Skeleton height={560} />
          <Skeleton height={320} />
        </div>
      )}
    </>
  );
}

type Tab = "grid" | "words" | "dates" | "ask";

function Editor({ rules }: { rules: RoutingRules }) {
  const { business, zone } = useCurrent();
  const client = useQueryClient();
  const now = useNow();
  const [state, dispatch] = useReducer(edit, rules, editingOf);
  const [selection, setSelection] = useState<Rect | null>(null);
  const [choice, setChoice] = useState<Choice | null>(null);
  const [extending, setExtending] = useState(false);
  const [marked, setMarked] = useState<ReadonlySet<number>>(new Set());
  const [refused, setRefused] = useState<ReadonlySet<number>>(new Set());
  const [restored, setRestored] = useState(false);
  const [tab, setTab] = useState<Tab>("grid");
  const [justSaved, setJustSaved] = useState(false);

  const { grid, overrides } = state.history.present;
  const difference = useMemo(() => unsaved(state), [state]);
  const changed = useMemo(() => new Set(difference.cells), [difference]);
  const missing = useMemo(() => new Set([...gaps(grid), ...refused]), [grid, refused]);
  const dirty = difference.any;

  // Edits made before a reload come back once.
  const restoring = useRef(false);
  useEffect(() => {
    if (restoring.current) return;
    restoring.current = true;
    const draft = kept(business.id, rules.version);
    const saved = draftOf(rules);
    if (draft && (changes(saved.grid, draft.grid).length > 0 || !sameOverrides(saved.overrides, draft.overrides))) {
      dispatch({ type: "restored", draft });
      setRestored(true);
    }
  }, [business.id, rules]);
  useEffect(() => keep(business.id, state), [business.id, state]);

  // A newer schedule arrives while nothing is edited: show it. Otherwise saving will say so.
  useEffect(() => {
    if (!dirty && rules.version !== state.version) dispatch({ type: "loaded", rules });
  }, [dirty, rules, state.version]);

  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });

  const change = (draft: Partial<Draft>) => dispatch({ type: "edited", draft: { grid, overrides, ...draft } });
  const paintCells = (indices: readonly number[], method: Method) => {
    change({ grid: paint(grid, indices, method) });
    if (refused.size > 0) setRefused(new Set([...refused].filter((index) => !indices.includes(index))));
  };

  const save = useMutation({
    mutationFn: (version: number) => {
      const body: SaveRoutingRules = { version, cells: cellsOf(grid), overrides: [...overrides] };
      return api.put<RoutingRules>(ofBusiness(business.id, "/routing-rules"), body);
    },
    onSuccess: (saved) => {
      forget(business.id);
      dispatch({ type: "loaded", rules: saved });
      client.setQueryData(routingRules(business.id).queryKey, saved);
      setRestored(false);
      setRefused(new Set());
      setJustSaved(true);
      toast(t.routing.toast);
    },
    onError: (error) => {
      if (error instanceof ApiError && error.status === 422) setRefused(cellsNamedIn(error));
    },
  });
  useEffect(() => {
    if (!justSaved) return;
    const timer = setTimeout(() => setJustSaved(false), 2_000);
    return () => clearTimeout(timer);
  }, [justSaved]);

  const trySave = () => {
    if (!dirty || save.isPending) return;
    if (gaps(grid).length > 0) {
      setRefused(new Set(gaps(grid)));
      return;
    }
    save.mutate(state.version);
  };
  const stale = save.error instanceof ApiError && save.error.status === 409;

  const keys = useRef<(event: KeyboardEvent) => void>(() => undefined);
  useEffect(() => {
    keys.current = (event) => {
      if (!(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]")) return;
      const key = event.key.toLowerCase();
      const field = event.target instanceof HTMLInputElement;
      if (key === "s") {
        event.preventDefault();
        trySave();
      } else if (!field && (key === "y" || (key === "z" && event.shiftKey))) {
        event.preventDefault();
        dispatch({ type: "redo" });
      } else if (!field && key === "z") {
        event.preventDefault();
        dispatch({ type: "undo" });
      }
    };
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => keys.current(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);

  const closeChoice = useCallback(() => {
    setChoice(null);
    setSelection(null);
    setExtending(false);
  }, []);

  const loadTheirs = async () => {
    const theirs = await client.fetchQuery({ ...routingRules(business.id), staleTime: 0 });
    save.reset();
    dispatch({ type: "loaded", rules: theirs });
    forget(business.id);
  };
  const saveMine = async () => {
    const theirs = await client.fetchQuery({ ...routingRules(business.id), staleTime: 0 });
    dispatch({ type: "rebased", rules: theirs });
    save.mutate(theirs.version);
  };

  const mark = useCallback((indices: readonly number[]) => setMarked(new Set(indices)), []);
  const wall = wallOf(zone, now);
  const usesVoice = grid.some((cell) => cell.method === "ai_voice" || cell.method === "both");
  const draft = useMemo(
    () => (dirty && missing.size === 0 ? { cells: cellsOf(grid), overrides: [...overrides] } : {}),
    [dirty, missing, grid, overrides],
  );

  return (
    <>
      <PageHead title={t.routing.title} lead={t.routing.lead}>
        <SaveState
          dirty={dirty}
          cells={difference.cells.length}
          lastSaved={rules.last_saved_at ? fullDate(zone, Date.parse(rules.last_saved_at)) : null}
        />
        <Button
          look="quiet"
          iconOnly
          aria-label={t.routing.undo}
          disabled={state.history.past.length === 0}
          onClick={() => dispatch({ type: "undo" })}
        >
          <Undo2 size={18} aria-hidden="true" />
        </Button>
        <Button
          look="quiet"
          iconOnly
          aria-label={t.routing.redo}
          disabled={state.history.future.length === 0}
          onClick={() => dispatch({ type: "redo" })}
        >
          <Redo2 size={18} aria-hidden="true" />
        </Button>
        <Button look="link" onClick={() => change({ grid: defaults(grid) })}>
          {t.routing.reset}
        </Button>
        <div className="save-place" data-dirty={dirty || undefined}>
          <Button look="primary" disabled={!dirty && !justSaved} busy={save.isPending} onClick={trySave}>
            {dirty && !save.isPending && <span className="unsaved-dot" aria-hidden="true" />}
            {save.isPending ? t.routing.saving : justSaved && !dirty ? <Label>{t.routing.saved}</Label> : t.routing.save}
          </Button>
        </div>
      </PageHead>

      <div className="routing-notes">
        {missing.size > 0 && (
          <Banner tone="problem" alert>
            {withoutSign(t.routing.gapBanner(missing.size))}
          </Banner>
        )}
        {stale ? (
          <Banner
            tone="attention"
            alert
            actions={
              <>
                <Button onClick={() => void loadTheirs()}>{t.routing.loadTheirs}</Button>
                <Button onClick={() => void saveMine()}>{t.routing.saveMine}</Button>
              </>
            }
          >
            {t.routing.stale}
          </Banner>
        ) : (
          save.isError &&
          refused.size === 0 && (
            <Banner tone="problem" alert>
              {t.routing.failed}
            </Banner>
          )
        )}
        {restored && dirty && (
          <Banner
            actions={
              <Button
                onClick={() => {
                  dispatch({ type: "loaded", rules });
                  setRestored(false);
                }}
              >
                {t.routing.discard}
              </Button>
            }
          >
            {t.routing.restored}
          </Banner>
        )}
      </div>

      <Presets
        grid={grid}
        businessHours={rules.schedule.business_hours}
        dirty={dirty}
        onApply={(next) => change({ grid: next })}
      />
      <div className="routing-tabs">
        <Segmented
          label={t.routing.title}
          value={tab}
          options={(["grid", "words", "dates", "ask"] as const).map((value) => ({
            value,
            label: t.routing.tabs[value],
          }))}
          onChange={setTab}
        />
      </div>

      <div className="routing" data-tab={tab}>
        <section className="routing-grid panel" aria-label={t.routing.grid}>
          <ul className="legend" aria-label={t.routing.legend}>
            {METHODS.map((method) => (
              <li key={method} title={t.method.about[method]}>
                <span className="method-chip" data-method={method}>
                  <MethodIcons method={method} size={14} />
                </span>
                {t.method.name[method]}
              </li>
            ))}
          </ul>
          {extending && (
            <p className="extend-hint" role="status">
              {t.routing.extendHelp}
            </p>
          )}
          <WeekGrid
            grid={grid}
            changed={changed}
            gaps={missing}
            marked={marked}
            selection={selection}
            extending={extending}
            now={wall}
            onSelect={setSelection}
            onChoose={setChoice}
            onPaint={paintCells}
          />
        </section>
        <div className="routing-side">
          <div data-part="words" className="side-stack">
            {!business.voice_ready && usesVoice && <Banner tone="attention">{t.routing.voiceNotReady}</Banner>}
            {rules.differs_from_business_hours && (
              <Banner>{t.routing.differs(hoursWords(rules.schedule.business_hours))}</Banner>
            )}
            <Words grid={grid} onPaint={paintCells} onMark={mark} />
          </div>
          <div data-part="ask">
            <WhatIf draft={draft} />
          </div>
          <div data-part="dates">
            <Overrides overrides={overrides} onChange={(next) => change({ overrides: next })} />
          </div>
        </div>
      </div>

      {choice && (
        <MethodPopover
          choice={choice}
          onClose={closeChoice}
          onExtend={() => {
            setChoice(null);
            setExtending(true);
          }}
          onPaint={(method) => {
            paintCells(indicesIn(choice.rect), method);
            closeChoice();
          }}
        />
      )}
      {blocker.status === "blocked" && (
        <Confirm
          title={t.routing.leave}
          yes={t.routing.leaveYes}
          no={t.routing.leaveNo}
          danger
          onNo={blocker.reset}
          onYes={() => {
            forget(business.id);
            blocker.proceed();
          }}
        />
      )}
    </>
  );
}

function SaveState(props: { dirty: boolean; cells: number; lastSaved: string | null }) {
  return (
    <p className="save-state" role="status">
      {props.dirty
        ? props.cells > 0
          ? t.routing.unsaved(props.cells)
          : t.routing.unsavedOther
        : props.lastSaved
          ? t.routing.lastSaved(props.lastSaved)
          : t.routing.neverSaved}
    </p>
  );
}

/** The banner has its own sign. */
function withoutSign(text: string): string {
  return text.replace(/^⚠️ /u, "");
}

/** Cells that a refusal points at, as `/cells/12`. */
function cellsNamedIn(error: ApiError): Set<number> {
  const named = new Set<number>();
  for (const field of error.fields) {
    const match = /cells[/.[](\d+)/.exec(field.field ?? "");
    if (match) named.add(Number(match[1]));
  }
  return named;
}

/** Business hours in words, equal days joined. */
function hoursWords(hours: RoutingRules["schedule"]["business_hours"]): string {
  const spans = new Map<string, number[]>();
  for (const span of hours) {
    const key = `${span.start_time}\n${span.end_time}`;
    spans.set(key, [...(spans.get(key) ?? []), columnOfDay(span.day)].sort((a, b) => a - b));
  }
  return t.list(
    [...spans.entries()]
      .sort(([a], [b]) => rowOfTime(a) - rowOfTime(b))
      .map(([key, columns]) => {
        const [from = "", to = ""] = key.split("\n");
        return t.routing.sentence(daysWords(columns), wallClock(from), wallClock(to));
      }),
  );
}
