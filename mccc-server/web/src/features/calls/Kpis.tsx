import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Equal } from "lucide-react";
import type { ReactNode } from "react";
import { type CallQuery, totals } from "@/api/queries";
import type { Totals } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { count, percent, took } from "@/lib/format";
import { t } from "@/strings";
import { Button } from "@/ui/controls";
import { Banner, Pill, Skeleton, type Tone, sentenceOf } from "@/ui/states";

/** How far back figures about all time reach; the server sums up at most ten years. */
export const LONGEST_DAYS = 3_600;

/** Three quarters recovered is on target, less than half is far below. */
export function rateTone(rate: number): Tone {
  if (rate >= 0.75) return "good";
  return rate >= 0.5 ? "attention" : "problem";
}

const RATE_WORDS: Record<Tone, string> = {
  good: t.calls.kpi.rate.good,
  attention: t.calls.kpi.rate.fair,
  problem: t.calls.kpi.rate.poor,
  info: "",
};

export function Kpis(props: { query: CallQuery; enabled: boolean; range: string; filtered: boolean; trend: boolean }) {
  const { business } = useCurrent();
  const found = useQuery({ ...totals(business.id, props.query), enabled: props.enabled, placeholderData: (old) => old });
  const data = found.data;
  const k = t.calls.kpi;
  if (found.isError && !data) {
    return (
      <section className="kpis-error" aria-label={k.failed}>
        <Banner tone="problem" alert actions={<Button onClick={() => void found.refetch()}>{t.common.retry}</Button>}>
          <p>{k.failed}</p>
          <p className="quiet">{sentenceOf(found.error)}</p>
        </Banner>
      </section>
    );
  }
  return (
    <section className="kpis" aria-label={t.calls.kpis} aria-busy={found.isFetching && !data}>
      <Kpi name={k.missed(props.range)} value={data && count(data.missed)} filtered={props.filtered}>
        {data && props.trend && <Trend totals={data} />}
      </Kpi>
      <Kpi
        name={k.recovery}
        value={data && (data.recovery_rate === null ? k.none : percent(data.recovery_rate))}
        filtered={props.filtered}
      >
        {data && data.recovery_rate !== null && (
          <>
            <Pill tone={rateTone(data.recovery_rate)}>{RATE_WORDS[rateTone(data.recovery_rate)]}</Pill>
            <span>{k.recovered(data.recovered, data.missed)}</span>
          </>
        )}
      </Kpi>
      <Kpi name={k.appointments} value={data && count(data.appointments)} filtered={props.filtered} />
      <Kpi
        name={k.response}
        value={data && (data.avg_response_seconds === null ? k.none : took(data.avg_response_seconds))}
        filtered={props.filtered}
      />
      <Kpi name={k.pending} value={data && count(data.pending_callbacks)} />
    </section>
  );
}

function Kpi(props: { name: string; value: string | undefined; filtered?: boolean; children?: ReactNode }) {
  return (
    <div className="kpi">
      <h2>
        {props.name}
        {props.filtered && <span className="kpi-filtered">{t.calls.filtered}</span>}
      </h2>
      <p className="kpi-value">{props.value ?? <Skeleton width={56} height={28} />}</p>
      <p className="kpi-note">{props.children}</p>
    </div>
  );
}

function Trend({ totals }: { totals: Totals }) {
  if (!totals.previous) return null;
  const by = totals.missed - totals.previous.missed;
  const Icon = by > 0 ? ArrowUp : by < 0 ? ArrowDown : Equal;
  const k = t.calls.kpi;
  return (
    <>
      <Icon size={13} aria-hidden="true" />
      <span>{by > 0 ? k.more(count(by)) : by < 0 ? k.less(count(-by)) : k.same}</span>
    </>
  );
}
