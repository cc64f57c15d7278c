import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowUp, PhoneIncoming, SearchX } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { calls as callsQuery, latestCalls } from "@/api/queries";
import type { CallRow } from "@/api/types";
import { PageHead } from "@/frame/Frame";
import { useTitle, useWaiting } from "@/frame/title";
import { useCurrent, useNow } from "@/lib/business";
import { useKeys } from "@/lib/keys";
import { addDays, dayOf } from "@/lib/zone";
import { Codes } from "@/shared/Codes";
import { didFail } from "@/shared/TextStatus";
import { callerWord } from "@/shared/caller";
import { t } from "@/strings";
import { Label } from "@/ui/Label";
import { Button } from "@/ui/controls";
import { Banner, Empty, ErrorState, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { CallDetail } from "./CallDetail";
import { CallList } from "./CallList";
import { Filters } from "./Filters";
import { Kpis, LONGEST_DAYS } from "./Kpis";
import { arrivals, holdBack, neighbour } from "./fresh";
import { type CallsSearch, DEFAULT_RANGE, isBackwards, periodOf, queryOf, remember } from "./search";
import "./calls.css";

export function CallsPage() {
  const { business, zone } = useCurrent();
  const search = useSearch({ from: "/b/$business/calls" });
  const navigate = useNavigate({ from: "/b/$business/calls" });
  const now = useNow();
  const waiting = useWaiting();
  useTitle(t.calls.title);
  useEffect(() => remember(search), [search]);

  // The day is what matters to the period, so that it does not change four times a minute.
  const today = dayOf(zone, now);
  const period = useMemo(() => periodOf(search, zone, now), [search, zone, today]);
  const query = useMemo(() => queryOf(search, period), [search, period]);
  // Figures without a period would be those of this week.
  const figures = useMemo(
    () => ({ from: query.from ?? addDays(query.to ?? today, -LONGEST_DAYS), to: query.to ?? today, method: query.method, outcome: query.outcome }),
    [query, today],
  );
  const backwards = isBackwards(period);
  const found = useInfiniteQuery({
    ...callsQuery(business.id, query),
    enabled: !backwards,
    placeholderData: (old) => old,
  });
  const latest = useQuery(latestCalls(business.id, 1));
  const never = latest.data?.items.length === 0;
  const all = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);

  const [top, setTop] = useTop(all);
  const { shown, waiting: fresh } = holdBack(all, top);
  const announced = useNews(all, found.isPlaceholderData);

  const go = useCallback(
    (next: CallsSearch, replace = false) => void navigate({ search: next, replace, resetScroll: false }),
    [navigate],
  );
  const close = useCallback(() => go({ ...search, call: undefined, tab: undefined }), [go, search]);
  const open = (call: CallRow | undefined, replace: boolean) => {
    if (call) go({ ...search, call: call.id, tab: search.tab }, replace);
  };

  useKeys((event) => {
    const focused = document.activeElement?.getAttribute("data-call") ?? undefined;
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      const next = neighbour(shown, search.call ?? focused, event.key === "j" ? 1 : -1);
      if (!next) return;
      document.querySelector<HTMLElement>(`[data-call="${CSS.escape(next.id)}"]`)?.focus();
      if (search.call) open(next, true);
    } else if (event.key === "r" && (search.call ?? focused)) {
      event.preventDefault();
      go({ ...search, call: search.call ?? focused, tab: "thread" }, true);
      // The thread is there after the next paint, or focuses itself when it arrives.
      setTimeout(() => document.querySelector<HTMLElement>(".composer textarea")?.focus(), 60);
    } else if (event.key === "Escape" && search.call) {
      event.preventDefault();
      close();
    }
  });

  const range = search.from || search.to ? t.calls.range.custom : t.calls.range[search.range ?? DEFAULT_RANGE];
  return (
    <div className="calls-page" data-detail={search.call !== undefined || undefined}>
      <div className="calls-main">
        <PageHead title={t.calls.title} />
        <Codes />
        <QuietWarning latest={latest.data?.items[0]} now={now} />
        <Kpis
          query={figures}
          enabled={!backwards}
          range={range}
          filtered={search.method !== undefined || search.outcome !== undefined}
          trend={period.from !== undefined}
        />
        <Filters search={search} period={period} waiting={waiting} onChange={(next) => go(next, true)} />
        <p className="hidden-visually" role="status" aria-live="polite">
          {announced}
        </p>
        {fresh.length > 0 && (
          <div className="fresh">
            <Button
              look="primary"
              onClick={() => {
                setTop(null);
                window.scrollTo({ top: 0, behavior: "smooth" });
              }}
            >
              <ArrowUp size={16} aria-hidden="true" />
              {t.calls.fresh(fresh.length)}
            </Button>
          </div>
        )}
        <div className="calls panel" aria-busy={found.isFetching && all.length === 0}>
          {found.isError && all.length === 0 ? (
            <ErrorState error={found.error} onRetry={() => void found.refetch()} />
          ) : found.isPending || (shown.length === 0 && latest.isPending) ? (
            backwards ? null : <ListSkeleton />
          ) : shown.length === 0 ? (
            <Nothing never={never} onClear={() => go({ range: "all" })} />
          ) : (
            <CallList calls={shown} search={search} now={now} />
          )}
          {found.hasNextPage && <More busy={found.isFetchingNextPage} onMore={() => void found.fetchNextPage()} />}
        </div>
        {!found.hasNextPage && shown.length > 20 && <p className="list-end">{t.calls.end}</p>}
      </div>
      {search.call && (
        <CallDetail
          key={search.call}
          id={search.call}
          tab={search.tab ?? "story"}
          onTab={(tab) => go({ ...search, tab: tab === "story" ? undefined : tab }, true)}
          onClose={close}
          previous={neighbour(shown, search.call, -1)}
          next={neighbour(shown, search.call, 1)}
          onOpen={(call) => open(call, true)}
        />
      )}
    </div>
  );
}

/** The call at the top when the reader scrolled away from it; null while at the top. */
function useTop(calls: readonly CallRow[]) {
  const [top, setTop] = useState<string | null>(null);
  const first = useRef<string | null>(null);
  useEffect(() => {
    first.current = calls[0]?.id ?? null;
  }, [calls]);
  useEffect(() => {
    const listen = () => {
      const away = window.scrollY > 240;
      setTop((now) => (away ? (now ?? first.current) : null));
    };
    window.addEventListener("scroll", listen, { passive: true });
    return () => window.removeEventListener("scroll", listen);
  }, []);
  return [top, setTop] as const;
}

/** Says politely who called while the page is open, and loudly which auto-text failed. */
function useNews(calls: readonly CallRow[], settling: boolean): string {
  const known = useRef<Map<string, CallRow> | null>(null);
  const [words, setWords] = useState("");
  useEffect(() => {
    if (settling || calls.length === 0) return;
    const before = known.current;
    const isNew = arrivals(before && new Set(before.keys()), calls.slice(0, 20));
    // Another filter brings older calls; only what has just come in is news.
    const latest = isNew.find((call) => Date.now() - Date.parse(call.received_at) < 120_000);
    if (latest) setWords(t.calls.announce(callerWord(latest.caller)));
    for (const call of calls) {
      const old = before?.get(call.id);
      if (old && !didFail(old.text_status) && didFail(call.text_status)) {
        toast(t.calls.textFailed(callerWord(call.caller), call.open_task), "problem");
      }
    }
    known.current = new Map([...(before ?? []), ...calls.map((call) => [call.id, call] as const)]);
  }, [calls, settling]);
  return words;
}

const QUIET_MS = 48 * 3_600_000;

/** Two days without a call may mean that forwarding is off. */
function QuietWarning({ latest, now }: { latest: CallRow | undefined; now: number }) {
  const { business } = useCurrent();
  if (!latest || now - Date.parse(latest.received_at) <= QUIET_MS) return null;
  return (
    <div className="calls-note">
      <Banner tone="attention">
        <p>{t.calls.noCalls48.replace(/^⚠️ /u, "")}</p>
        <Link to="/b/$business/connect" params={{ business: business.id }}>
          {t.calls.noCalls48Link}
        </Link>
      </Banner>
    </div>
  );
}

function Nothing({ never, onClear }: { never: boolean; onClear: () => void }) {
  const { business, session } = useCurrent();
  if (!never) {
    return (
      <Empty icon={SearchX} title={t.calls.noMatch.title} body={t.calls.noMatch.body}>
        <Button onClick={onClear}>{t.calls.filter.clear}</Button>
      </Empty>
    );
  }
  return (
    <Empty icon={PhoneIncoming} title={t.calls.empty.title} body={t.calls.empty.body}>
      <Link
        className="button"
        data-look="primary"
        to={session.sandbox ? "/b/$business/simulator" : "/b/$business/connect"}
        params={{ business: business.id }}
      >
        {t.calls.empty.action}
      </Link>
      <Link className="button" data-look="link" to="/b/$business/connect" params={{ business: business.id }}>
        <Label>{t.calls.empty.link}</Label>
      </Link>
    </Empty>
  );
}

/** Loads the next page when it comes into view; also a button. */
function More({ busy, onMore }: { busy: boolean; onMore: () => void }) {
  const ref = useRef<HTMLDivElement>(null);
  const latest = useRef(onMore);
  useEffect(() => {
    latest.current = onMore;
  });
  useEffect(() => {
    if (!ref.current || busy) return;
    const watcher = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) latest.current();
    }, { rootMargin: "400px" });
    watcher.observe(ref.current);
    return () => watcher.disconnect();
  }, [busy]);
  return (
    <div className="more" ref={ref}>
      <Button look="quiet" busy={busy} onClick={onMore}>
        {t.common.more}
      </Button>
    </div>
  );
}

function ListSkeleton() {
  return (
    <div className="list-skeleton">
      <span className="hidden-visually">{t.common.loading}</span>
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index}>
          <Skeleton width={64} />
          <Skeleton width="30%" />
          <Skeleton width="16%" />
          <Skeleton width="14%" />
        </div>
      ))}
    </div>
  );
}
