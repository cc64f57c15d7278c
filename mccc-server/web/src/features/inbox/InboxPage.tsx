import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowLeft, MessagesSquare, PencilLine, Siren } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { conversations as conversationsQuery, tasks as tasksQuery } from "@/api/queries";
import type { Conversation, Task } from "@/api/types";
import { PageHead } from "@/frame/Frame";
import { useTitle } from "@/frame/title";
import { useCurrent } from "@/lib/business";
import { useKeys } from "@/lib/keys";
import { Thread } from "@/shared/Thread";
import { isDraft, isUrgent, owedTo } from "@/shared/tasks";
import { t } from "@/strings";
import { Label } from "@/ui/Label";
import { When } from "@/ui/When";
import { Button } from "@/ui/controls";
import { Empty, ErrorState, Pill, Skeleton, type Tone } from "@/ui/states";
import "./inbox.css";

/** Stages that a person should see at a glance; the others are the machine's own business. */
const TONES: Partial<Record<Conversation["stage"], Tone>> = {
  waiting_for_owner: "attention",
  booked: "good",
  offering_slots: "info",
  holding: "info",
  human_takeover: "good",
  opted_out: "attention",
};

export function InboxPage() {
  const { business } = useCurrent();
  const { thread } = useSearch({ from: "/b/$business/inbox" });
  const navigate = useNavigate({ from: "/b/$business/inbox" });
  useTitle(t.inbox.title);
  const found = useInfiniteQuery(conversationsQuery(business.id));
  const all = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);
  const tasks = useQuery(tasksQuery(business.id)).data?.items ?? [];
  const composer = useRef<HTMLTextAreaElement>(null);
  const head = useRef<HTMLHeadingElement>(null);

  const open = (id: string | undefined) => void navigate({ search: { thread: id }, replace: thread !== undefined });
  // On a phone the thread takes the place of the list: the reader's place goes along.
  useEffect(() => {
    if (thread) head.current?.focus({ preventScroll: true });
  }, [thread]);

  useKeys((event) => {
    if (event.key === "j" || event.key === "k") {
      const focused = document.activeElement?.getAttribute("data-thread") ?? thread;
      const at = all.findIndex((one) => one.id === focused);
      const next = all[event.key === "j" ? at + 1 : at - 1];
      if (!next) return;
      event.preventDefault();
      document.querySelector<HTMLElement>(`[data-thread="${CSS.escape(next.id)}"]`)?.focus();
    } else if (event.key === "r" && thread) {
      event.preventDefault();
      composer.current?.focus();
    } else if (event.key === "Escape" && thread) {
      event.preventDefault();
      open(undefined);
    }
  });

  const shown = all.find((one) => one.id === thread);
  return (
    <div className="inbox" data-open={thread !== undefined || undefined}>
      <div className="inbox-list">
        <PageHead title={t.inbox.title} lead={t.inbox.lead} />
        <div className="panel" aria-busy={found.isPending}>
          {found.isError && all.length === 0 ? (
            <ErrorState error={found.error} onRetry={() => void found.refetch()} />
          ) : found.isPending ? (
            <ListSkeleton />
          ) : all.length === 0 ? (
            <Nothing />
          ) : (
            <ul aria-label={t.inbox.threads}>
              {all.map((one) => (
                <Row key={one.id} row={one} open={one.id === thread} owed={owedTo(one, tasks)} />
              ))}
            </ul>
          )}
          {found.hasNextPage && (
            <div className="inbox-more">
              <Button look="quiet" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                {t.common.more}
              </Button>
            </div>
          )}
        </div>
      </div>
      {thread ? (
        <section className="inbox-thread panel" aria-labelledby="inbox-who">
          <header className="inbox-head">
            <span className="inbox-back">
              <Button look="quiet" iconOnly aria-label={t.inbox.back} onClick={() => open(undefined)}>
                <ArrowLeft size={18} aria-hidden="true" />
              </Button>
            </span>
            <h2 id="inbox-who" ref={head} tabIndex={-1}>
              {shown ? nameOf(shown) : t.thread.title}
            </h2>
            {shown?.contact.phone && (
              <a className="inbox-number" href={`tel:${shown.contact.phone}`}>
                {shown.contact.name ? shown.contact.national : t.caller.call}
              </a>
            )}
          </header>
          {shown && <Told row={shown} />}
          <Thread id={thread} composer={composer} />
        </section>
      ) : (
        <section className="inbox-none panel">
          <Empty icon={MessagesSquare} title={t.inbox.choose} body={t.inbox.chooseBody} />
        </section>
      )}
    </div>
  );
}

function nameOf(row: Conversation): string {
  return row.contact.name ?? row.contact.national ?? t.caller.unknown.present;
}

/** What the caller told the machine, so that nobody asks again. */
function Told({ row }: { row: Conversation }) {
  if (!row.issue && !row.address) return null;
  return (
    <dl className="inbox-told">
      {row.issue && (
        <div>
          <dt>{t.inbox.issue}</dt>
          <dd>{row.issue}</dd>
        </div>
      )}
      {row.address && (
        <div>
          <dt>{t.inbox.address}</dt>
          <dd>{row.address}</dd>
        </div>
      )}
    </dl>
  );
}

function Row({ row, open, owed }: { row: Conversation; open: boolean; owed: readonly Task[] }) {
  const { business } = useCurrent();
  return (
    <li className="inbox-row" data-unread={row.unread > 0 || undefined}>
      <Link
        to="/b/$business/inbox"
        params={{ business: business.id }}
        search={{ thread: row.id }}
        className="inbox-link"
        data-thread={row.id}
        data-open={open || undefined}
      >
        <span className="inbox-who">{nameOf(row)}</span>
        <span className="inbox-when">
          <When at={row.last_message_at} linked />
        </span>
        <span className="inbox-preview">{row.preview}</span>
        <span className="inbox-marks">
          <span className="inbox-pills">
            {owed.some(isUrgent) && (
              <Pill tone="problem" icon={Siren}>
                {t.inbox.emergency}
              </Pill>
            )}
            {owed.some(isDraft) ? (
              <Pill tone="attention" icon={PencilLine}>
                {t.inbox.draft}
              </Pill>
            ) : (
              <Pill tone={TONES[row.stage]}>
                <Label>{t.inbox.stage[row.stage]}</Label>
              </Pill>
            )}
          </span>
          {row.unread > 0 && (
            <span className="inbox-unread">
              <span aria-hidden="true">{row.unread}</span>
              <span className="hidden-visually">{t.inbox.unread(row.unread)}</span>
            </span>
          )}
        </span>
      </Link>
    </li>
  );
}

function Nothing() {
  const { business, session } = useCurrent();
  return (
    <Empty icon={MessagesSquare} title={t.inbox.empty} body={t.inbox.emptyBody}>
      <Link
        className="button"
        data-look="primary"
        to={session.sandbox ? "/b/$business/simulator" : "/b/$business/connect"}
        params={{ business: business.id }}
      >
        {session.sandbox ? t.inbox.tryIt : t.calls.empty.action}
      </Link>
    </Empty>
  );
}

function ListSkeleton() {
  return (
    <div className="inbox-skeleton">
      <span className="hidden-visually">{t.common.loading}</span>
      {Array.from({ length: 6 }, (_, index) => (
        <Skeleton key={index} height={52} />
      ))}
    </div>
  );
}
