import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bot, Clock, Hand, PencilLine, Phone, RotateCw, SendHorizontal, Undo2, User } from "lucide-react";
import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { api, ofBusiness } from "@/api/client";
import { conversation as conversationQuery, tasks as tasksQuery } from "@/api/queries";
import type { Conversation, Message } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { dayName } from "@/lib/format";
import { freshKey } from "@/lib/ids";
import { useKept } from "@/lib/kept";
import { LONGEST_TEXT, segmentsOf } from "@/lib/segments";
import { dayOf } from "@/lib/zone";
import { t } from "@/strings";
import { Label } from "@/ui/Label";
import { When } from "@/ui/When";
import { Button, ButtonLink } from "@/ui/controls";
import { Banner, Empty, ErrorState, Pill, Skeleton, type Tone, sentenceOf } from "@/ui/states";
import { toast } from "@/ui/toast";
import { Draft, LeftOver } from "./Draft";
import { Tasks } from "./Tasks";
import { TextStatus, didFail } from "./TextStatus";
import { type Again, againOf } from "./again";
import { notesOf } from "./notes";
import { isDraft, owedTo } from "./tasks";
import "./thread.css";

const STATE_TONES: Record<Conversation["state"], Tone | undefined> = {
  ai_active: "info",
  human: "good",
  opted_out: "attention",
};

/** Texts with one caller, with everything a person can do about them. */
export function Thread({ id, composer }: { id: string; composer?: RefObject<HTMLTextAreaElement | null> }) {
  const { business } = useCurrent();
  const found = useQuery(conversationQuery(business.id, id));
  if (found.data) return <Loaded key={id} thread={found.data} composer={composer} />;
  if (found.isError) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  return (
    <div className="thread" aria-busy="true">
      <Skeleton width="60%" height={56} />
      <Skeleton width="70%" height={40} />
      <Skeleton width="55%" height={72} />
    </div>
  );
}

function Loaded({ thread, composer }: { thread: Conversation; composer?: RefObject<HTMLTextAreaElement | null> }) {
  const { business } = useCurrent();
  const client = useQueryClient();
  const key = conversationQuery(business.id, thread.id).queryKey;
  const path = ofBusiness(business.id, `/conversations/${encodeURIComponent(thread.id)}`);
  const own = useRef<HTMLTextAreaElement>(null);
  const field = composer ?? own;
  const [kept, setKept] = useKept(`mccc.draft.${thread.id}`);
  const draft = kept ?? "";
  const setDraft = (text: string) => setKept(text === "" ? null : text);
  // A draft says by itself that it waits.
  const drafted = thread.messages.some((message) => message.draft);
  const owed = owedTo(thread, useQuery(tasksQuery(business.id)).data?.items ?? []).filter(
    (task) => !drafted || !isDraft(task),
  );

  /** Puts words into the composer, unless others are being written there. */
  const offer = (body: string): boolean => {
    field.current?.focus();
    if (draft.trim() !== "" && draft !== body) {
      toast(t.thread.writing, "attention");
      return false;
    }
    setDraft(body);
    return true;
  };

  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: key }),
      client.invalidateQueries({ queryKey: ["call", business.id] }),
      client.invalidateQueries({ queryKey: ["calls", business.id] }),
    ]);

  const lead = useMutation({
    mutationFn: (state: "human" | "ai_active") => api.post(`${path}/${state === "human" ? "takeover" : "handback"}`),
    onMutate: (state) => {
      const before = client.getQueryData<Conversation>(key);
      client.setQueryData<Conversation>(key, (now) => (now ? { ...now, state } : now));
      return before;
    },
    onError: (_error, _state, before) => client.setQueryData(key, before),
    onSettled: refresh,
  });

  // The same words sent again after a failure carry the same key, so they cannot arrive twice.
  const sendKey = useRef({ body: "", key: "" });
  const send = useMutation({
    mutationFn: (body: string) => {
      if (sendKey.current.body !== body) sendKey.current = { body, key: freshKey() };
      return api.post(`${path}/messages`, { body }, { headers: { "idempotency-key": sendKey.current.key } });
    },
    onSuccess: async (_answer, body) => {
      sendKey.current = { body: "", key: "" };
      setKept((now) => (now === body ? null : now));
      await refresh();
    },
  });

  useEffect(() => {
    if (thread.unread === 0) return;
    api.post(`${path}/read`).then(refresh, () => undefined);
    // Reading is said once per arrival; `refresh` is new on every render.
  }, [thread.unread, path]);

  const who = thread.contact.name ?? thread.contact.national ?? t.caller.unknown.present;
  return (
    <div className="thread">
      <div className="thread-head">
        <div className="thread-state">
          <Pill tone={STATE_TONES[thread.state]}>{t.thread.state[thread.state]}</Pill>
          <p className="quiet">{t.thread.stateAbout[thread.state]}</p>
        </div>
        {thread.state === "ai_active" && (
          <Button onClick={() => lead.mutate("human")}>
            <Hand size={16} aria-hidden="true" />
            {t.thread.takeover}
          </Button>
        )}
        {thread.state === "human" && (
          <Button onClick={() => lead.mutate("ai_active")}>
            <Undo2 size={16} aria-hidden="true" />
            {t.thread.handback}
          </Button>
        )}
        {thread.state === "opted_out" && thread.contact.phone && (
          <ButtonLink href={`tel:${thread.contact.phone}`}>
            <Phone size={16} aria-hidden="true" />
            {t.caller.call}
          </ButtonLink>
        )}
      </div>
      {lead.isError && (
        <Banner tone="problem" alert>
          {sentenceOf(lead.error)}
        </Banner>
      )}
      <Tasks tasks={owed} />
      <Messages messages={thread.messages} sending={send.isPending ? send.variables : null} onUse={offer} />
      <Composer
        thread={thread}
        who={who}
        draft={draft}
        setDraft={setDraft}
        field={field}
        busy={send.isPending}
        error={send.isError ? send.error : null}
        onSend={() => send.mutate(draft)}
      />
    </div>
  );
}

function Messages(props: { messages: readonly Message[]; sending: string | null; onUse: (body: string) => boolean }) {
  const { zone } = useCurrent();
  const list = useRef<HTMLOListElement>(null);
  const atEnd = useRef(true);
  const count = props.messages.length + (props.sending === null ? 0 : 1);
  useLayoutEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
    atEnd.current = true;
  }, [count]);
  // What comes up around the list later, or a keyboard on a phone, takes room from it; the newest text stays in sight.
  useEffect(() => {
    const box = list.current;
    if (!box || typeof ResizeObserver === "undefined") return;
    const watcher = new ResizeObserver(() => {
      if (atEnd.current) box.scrollTop = box.scrollHeight;
    });
    watcher.observe(box);
    for (const one of box.children) watcher.observe(one);
    return () => watcher.disconnect();
  }, [count]);
  if (count === 0) return <Empty icon={Bot} title={t.thread.empty} />;
  const today = dayOf(zone, Date.now());
  let lastDay = "";
  return (
    <ol
      className="messages"
      ref={list}
      aria-label={t.thread.messages}
      tabIndex={0}
      onScroll={({ currentTarget: box }) => {
        atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
      }}
    >
      {props.messages.map((message) => {
        const day = dayOf(zone, Date.parse(message.at));
        const isNew = day !== lastDay;
        lastDay = day;
        return (
          <li key={message.id} className="message" data-author={message.author}>
            {isNew && <p className="message-day">{dayName(day, today)}</p>}
            <Bubble message={message} again={againOf(props.messages, message)} onUse={props.onUse} />
          </li>
        );
      })}
      {props.sending !== null && (
        <li className="message" data-author="person">
          <p className="bubble" data-pending>
            {props.sending}
          </p>
          <p className="message-foot">{t.thread.sending}</p>
        </li>
      )}
    </ol>
  );
}

function Bubble(props: { message: Message; again: Again | null; onUse: (body: string) => boolean }) {
  const { message, again, onUse } = props;
  const failed = didFail(message.status);
  const kind = t.thread.kind[message.kind];
  const Icon = message.author === "machine" ? Bot : User;
  return (
    <>
      <p className="message-who">
        {message.author !== "caller" && <Icon size={13} aria-hidden="true" />}
        {t.thread.author[message.author]}
        {kind && <span>{kind}</span>}
      </p>
      {message.draft && (
        <p className="message-draft">
          <Pill tone="attention" icon={PencilLine}>
            {t.thread.draft.notSent}
          </Pill>
        </p>
      )}
      <p className="bubble" data-failed={failed || undefined} data-draft={message.draft || undefined}>
        {message.body}
      </p>
      <p className="message-foot">
        <When at={message.at} form="clock" />
        {message.author === "machine" && message.kind === "reply" && <span>{t.thread.generated}</span>}
        {message.direction === "outbound" && !message.draft && <TextStatus status={message.status} />}
      </p>
      {message.note && <Note note={message.note} />}
      {message.draft && <Draft message={message} />}
      {message.direction === "outbound" && message.reason && <p className="message-reason">{message.reason}</p>}
      {message.status === "canceled" && message.author === "machine" && <LeftOver message={message} onUse={onUse} />}
      {again === "waits" && (
        <p className="message-foot">
          <Clock size={13} aria-hidden="true" />
          {t.thread.again}
        </p>
      )}
      {again === "offer" && (
        <Button look="link" onClick={() => onUse(message.body)}>
          <RotateCw size={14} aria-hidden="true" />
          {t.thread.retry}
        </Button>
      )}
    </>
  );
}

/** What an answer rests on; a question of the business can be opened. */
function Note({ note }: { note: string }) {
  const { business } = useCurrent();
  return notesOf(note).map(({ text, topic }) => (
    <p className="message-note" key={text}>
      {topic === null ? (
        <Label>{text}</Label>
      ) : (
        <Link to="/b/$business/faq" params={{ business: business.id }} search={{ topic }}>
          {text}
        </Link>
      )}
    </p>
  ));
}

/** Names have no end, and a field does. */
const LONGEST_NAME = 28;

function clipped(name: string): string {
  return name.length > LONGEST_NAME ? t.shortened(name.slice(0, LONGEST_NAME - 1)) : name;
}

function Composer(props: {
  thread: Conversation;
  who: string;
  draft: string;
  setDraft: (draft: string) => void;
  field: RefObject<HTMLTextAreaElement | null>;
  busy: boolean;
  error: unknown;
  onSend: () => void;
}) {
  const { units, segments, encoding } = segmentsOf(props.draft);
  const { state, consent } = props.thread;
  const optedOut = state === "opted_out" || Boolean(consent?.opted_out_at) || consent?.suppressed === true;
  const tooLong = Array.from(props.draft.trim()).length > LONGEST_TEXT;
  const ready = props.draft.trim() !== "" && !tooLong && !optedOut;
  return (
    <form
      className="composer"
      title={optedOut ? t.thread.optedOut : undefined}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !props.busy) props.onSend();
      }}
    >
      {props.error !== null && (
        <Banner tone="problem" alert>
          <p>{t.thread.sendFailed}</p>
          <p className="quiet">{sentenceOf(props.error)}</p>
        </Banner>
      )}
      <textarea
        ref={props.field}
        className="input"
        rows={2}
        aria-label={t.thread.composer}
        aria-describedby="composer-note"
        aria-invalid={tooLong || undefined}
        placeholder={optedOut ? t.thread.optedOut : t.thread.placeholder(clipped(props.who))}
        disabled={optedOut}
        value={props.draft}
        onChange={(event) => props.setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }
        }}
      />
      <div className="composer-foot">
        <p id="composer-note" className={tooLong ? "field-error" : "quiet"} role="status">
          {optedOut ? (
            <Label>{t.thread.optedOut}</Label>
          ) : tooLong ? (
            t.thread.tooLong
          ) : segments === 0 ? (
            <span className="composer-keys">{t.thread.hint}</span>
          ) : encoding === "ucs2" && segments > 1 ? (
            t.thread.wide(units, segments)
          ) : (
            t.thread.segments(units, segments)
          )}
        </p>
        <Button type="submit" look="primary" busy={props.busy} disabled={!ready}>
          {!props.busy && <SendHorizontal size={16} aria-hidden="true" />}
          {t.thread.send}
        </Button>
      </div>
    </form>
  );
}
