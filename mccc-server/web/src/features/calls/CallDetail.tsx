import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronDown, ChevronUp, Circle, CircleAlert, CircleCheck, Mic, OctagonAlert, Phone, X } from "lucide-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { api, ofBusiness } from "@/api/client";
import { call as callQuery } from "@/api/queries";
import type { CallDetail as Detail, CallRow, TextCheck } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { duration, fullDate, national } from "@/lib/format";
import { Outcome } from "@/shared/Outcome";
import { Tasks } from "@/shared/Tasks";
import { TextStatus } from "@/shared/TextStatus";
import { Thread } from "@/shared/Thread";
import { Trace } from "@/shared/Trace";
import { callerWord, numberWord } from "@/shared/caller";
import { t } from "@/strings";
import { MethodBadge } from "@/ui/Method";
import { When } from "@/ui/When";
import { Button, ButtonLink, Segmented } from "@/ui/controls";
import { Empty, ErrorState, Pill, Skeleton } from "@/ui/states";
import type { DetailTab } from "./search";

interface Props {
  id: string;
  tab: DetailTab;
  onTab: (tab: DetailTab) => void;
  onClose: () => void;
  previous: CallRow | undefined;
  next: CallRow | undefined;
  onOpen: (call: CallRow) => void;
}

/** One call, beside the list on a desk and over it on a phone. */
export function CallDetail(props: Props) {
  const { business } = useCurrent();
  const found = useQuery(callQuery(business.id, props.id));
  const heading = useId();
  const root = useRef<HTMLElement>(null);
  const detail = found.data;

  // Looking at a call is what makes it read.
  const client = useQueryClient();
  const unread = detail?.call.unread === true;
  useEffect(() => {
    if (!unread) return;
    api.post(ofBusiness(business.id, `/calls/${encodeURIComponent(props.id)}/read`)).then(
      () => client.invalidateQueries({ queryKey: ["calls", business.id] }),
      () => undefined,
    );
  }, [unread, business.id, props.id, client]);

  // Over the list, the sheet takes the focus; beside it, the list keeps it for j and k.
  useEffect(() => {
    if (window.matchMedia("(max-width: 860px)").matches) root.current?.focus({ preventScroll: true });
  }, []);

  return (
    <aside className="detail panel" aria-labelledby={heading} ref={root} tabIndex={-1}>
      <div className="detail-head">
        <div className="detail-title">
          <h2 id={heading}>{detail ? callerWord(detail.call.caller) : t.detail.title}</h2>
          {detail && <Subtitle call={detail.call} />}
        </div>
        <div className="detail-actions">
          {detail?.call.caller.number && (
            <ButtonLink look="primary" href={`tel:${detail.call.caller.number}`}>
              <Phone size={16} aria-hidden="true" />
              {t.caller.call}
            </ButtonLink>
          )}
          <span className="detail-step">
            <Button
              look="quiet"
              iconOnly
              aria-label={t.detail.previous}
              disabled={!props.previous}
              onClick={() => props.previous && props.onOpen(props.previous)}
            >
              <ChevronUp size={18} aria-hidden="true" />
            </Button>
            <Button
              look="quiet"
              iconOnly
              aria-label={t.detail.next}
              disabled={!props.next}
              onClick={() => props.next && props.onOpen(props.next)}
            >
              <ChevronDown size={18} aria-hidden="true" />
            </Button>
          </span>
          <Button look="quiet" iconOnly aria-label={t.common.close} onClick={props.onClose}>
            <X size={18} aria-hidden="true" />
          </Button>
        </div>
      </div>
      {detail ? (
        <>
          <div className="detail-tabs">
            <Segmented
              label={t.detail.title}
              value={props.tab}
              options={(["story", "thread", "why"] as const).map((value) => ({ value, label: t.detail.tabs[value] }))}
              onChange={props.onTab}
            />
          </div>
          <div className="detail-body" data-tab={props.tab} tabIndex={0}>
            {props.tab === "story" && <Story detail={detail} />}
            {props.tab === "thread" && <ThreadTab detail={detail} />}
            {props.tab === "why" && <Why detail={detail} />}
          </div>
        </>
      ) : found.isError ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <div className="detail-body" aria-busy="true">
          <span className="hidden-visually">{t.common.loading}</span>
          {Array.from({ length: 6 }, (_, index) => (
            <Skeleton key={index} height={34} />
          ))}
        </div>
      )}
    </aside>
  );
}

function Subtitle({ call }: { call: CallRow }) {
  const number = numberWord(call.caller);
  return (
    <p className="quiet">
      {number && number !== callerWord(call.caller) && <span>{number} · </span>}
      <When at={call.received_at} />
    </p>
  );
}

function Story({ detail }: { detail: Detail }) {
  const { call } = detail;
  return (
    <>
      <Tasks tasks={detail.tasks} />
      {call.state !== "ended" && <p className="quiet">{t.detail.processing}</p>}
      <Part title={t.detail.timeline}>
        <ol className="timeline">
          {detail.timeline.map((entry, index) => {
            const Icon = STEP_ICONS[entry.outcome ?? ""] ?? Circle;
            return (
              <li key={`${entry.at}-${index}`}>
                <Icon size={16} className={entry.outcome ? `tone-${entry.outcome}` : "tone-none"} aria-hidden="true" />
                <div>
                  <p>{entry.title}</p>
                  {entry.detail && <p className="quiet">{entry.detail}</p>}
                </div>
                <span className="quiet">
                  <When at={entry.at} form="clock" />
                </span>
              </li>
            );
          })}
        </ol>
      </Part>
      {detail.recording && (
        <Part title={t.detail.recording}>
          <p className="recording">
            <Mic size={16} aria-hidden="true" />
            {t.detail.recordingAt(duration(detail.recording.duration_seconds))}
          </p>
          <p className="quiet">
            {t.detail.recordingId} <code>{detail.recording.provider_id}</code>
          </p>
        </Part>
      )}
      <Facts call={call} />
    </>
  );
}

const STEP_ICONS: Record<string, typeof Circle> = {
  good: CircleCheck,
  attention: CircleAlert,
  problem: OctagonAlert,
};

function Facts({ call }: { call: CallRow }) {
  const { zone } = useCurrent();
  return (
    <Part title={t.detail.facts}>
      <dl className="facts">
        <Fact name={t.detail.at}>{fullDate(zone, Date.parse(call.received_at))}</Fact>
        <Fact name={t.detail.method}>
          <MethodBadge method={call.method} />
          {call.method !== call.scheduled_method && (
            <span className="quiet">
              {t.method.planned(t.method.name[call.scheduled_method], t.method.name[call.method])}
            </span>
          )}
        </Fact>
        <Fact name={t.calls.column.outcome}>
          <Outcome call={call} />
        </Fact>
        <Fact name={t.calls.column.text}>
          <TextStatus status={call.text_status} />
        </Fact>
        <Fact name={t.detail.hours}>{t.variant[call.variant]}</Fact>
        <Fact name={t.detail.dialled}>{national(call.dialled)}</Fact>
        {call.duration_seconds !== null && <Fact name={t.detail.length}>{duration(call.duration_seconds)}</Fact>}
      </dl>
    </Part>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function ThreadTab({ detail }: { detail: Detail }) {
  const id = detail.call.conversation_id ?? detail.conversation?.id;
  if (id) return <Thread id={id} />;
  return (
    <Empty
      icon={Phone}
      title={t.detail.noThread}
      body={detail.call.caller.status === "present" ? undefined : t.detail.noThreadWithheld}
    />
  );
}

function Why({ detail }: { detail: Detail }) {
  const { routing, text, text_verdict: verdict } = detail.why;
  return (
    <>
      <Part title={t.detail.whyRouting}>
        <Trace trace={routing} />
      </Part>
      <Part title={t.detail.whyText}>
        {verdict && <p className="why-verdict">{verdict}</p>}
        {text && text.length > 0 ? (
          <ul className="checks-list" data-passed={text.every((check) => check.passed) || undefined}>
            {text.map((check) => (
              <CheckLine key={check.name} check={check} />
            ))}
          </ul>
        ) : (
          !verdict && <p>{t.detail.noText}</p>
        )}
      </Part>
    </>
  );
}

function CheckLine({ check }: { check: TextCheck }) {
  const Icon = check.passed ? CircleCheck : OctagonAlert;
  return (
    <li>
      <Icon size={16} className={check.passed ? "tone-good" : "tone-problem"} aria-hidden="true" />
      <div>
        <p>
          {check.sentence}{" "}
          {check.passed ? (
            <span className="hidden-visually">{t.detail.checked}</span>
          ) : (
            <Pill tone="problem">{t.detail.stopped}</Pill>
          )}
        </p>
        {check.detail && <p className="quiet">{check.detail}</p>}
        {check.setting && <Link to={check.setting}>{t.detail.change}</Link>}
      </div>
    </li>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}
