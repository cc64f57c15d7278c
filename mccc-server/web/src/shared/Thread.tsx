import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bot, Hand, Phone, RotateCw, SendHorizontal, Undo2, User } from "lucide-react";
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { api, ofBusiness } from "@/api/client";
import { conversation as conversationQuery } from "@/api/queries";
import type { Conversation, Message } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { dayName } from "@/lib/format";
import { freshKey } from "@/lib/ids";
import { LONGEST_TEXT, segmentsOf } from "@/lib/segments";
import { dayOf } from "@/lib/zone";
import { t } from "@/strings";
import { Label } from "@/ui/Label";
import { When } from "@/ui/When";
import { Button, ButtonLink } from "@/ui/controls";
import { Banner, Empty, ErrorState, Pill, Skeleton, type Tone, sentenceOf } from "@/ui/states";
import { TextStatus, didFail } from "./TextStatus";
import { notesOf } from "./notes";
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
  const [draft, setDraft] = useDraft(thread.id);

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
      setDraft((now) => (now === body ? "" : now));
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
      <Messages
        messages={thread.messages}
        sending={send.isPending ? send.variables : null}
        onRetry={(body) => {
          setDraft(body);
          field.current?.focus();
        }}
      />
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

/** An unsent text outlives the page. */
function useDraft(id: string) {
  const key = `mccc.draft.${id}`;
  const [draft, setDraft] = useState(() => localStorage.getItem(key) ?? "");
  useEffect(() => {
    if (draft === "") localStorage.removeItem(key);
    else localStorage.setItem(key, draft);
  }, [draft, key]);
  return [draft, setDraft] as const;
}

function Messages(props: { messages: readonly Message[]; sending: string | null; onRetry: (body: string) => void }) {
  const { zone } = useCurrent();
  const list = useRef<HTMLOListElement>(null);
  const count = props.messages.length + (props.sending === null ? 0 : 1);
  useLayoutEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [count]);
  if (count === 0) return <Empty icon={Bot} title={t.thread.empty} />;
  const today = dayOf(zone, Date.now());
  let lastDay = "";
  return (
    <ol className="messages" ref={list} aria-label={t.thread.messages} tabIndex={0}>
      {props.messages.map((message) => {
        const day = dayOf(zone, Date.parse(message.at));
        const isNew = day !== lastDay;
        lastDay = day;
        return (
          <li key={message.id} className="message" data-author={message.author}>
            {isNew && <p className="message-day">{dayName(day, today)}</p>}
            <Bubble message={message} onRetry={props.onRetry} />
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

function Bubble({ message, onRetry }: { message: Message; onRetry: (body: string) => void }) {
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
      {failed && (
        <Button look="link" onClick={() => onRetry(message.body)}>
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

/** An answer that waits for a person: send it as it is, change it, or throw it away. */
function Draft({ message }: { message: Message }) {
  const { business } = useCurrent();
  const client = useQueryClient();
  const [body, setBody] = useState<string | null>(null);
  const path = ofBusiness(business.id, `/drafts/${encodeURIComponent(message.id)}`);
  const done = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["conversation", business.id] }),
      client.invalidateQueries({ queryKey: ["conversations", business.id] }),
      client.invalidateQueries({ queryKey: ["tasks", business.id] }),
    ]);
  const send = useMutation({
    mutationFn: () => api.post(`${path}/send`, body === null ? {} : { body }),
    onSettled: done,
  });
  const discard = useMutation({ mutationFn: () => api.delete(path), onSettled: done });
  const error = send.error ?? discard.error;
  return (
    <div className="draft">
      {body !== null && (
        <textarea
          className="input"
          rows={3}
          aria-label={t.thread.draft.edit}
          value={body}
          onChange={(event) => setBody(event.target.value)}
        />
      )}
      {error !== null && (
        <Banner tone="problem" alert>
          {sentenceOf(error)}
        </Banner>
      )}
      <div className="draft-actions">
        <Button look="quiet" busy={discard.isPending} onClick={() => discard.mutate()}>
          {t.thread.draft.discard}
        </Button>
        {body === null && (
          <Button onClick={() => setBody(message.body)}>
            <Label>{t.thread.draft.edit}</Label>
          </Button>
        )}
        <Button
          look="primary"
          busy={send.isPending}
          disabled={body !== null && (body.trim() === "" || Array.from(body.trim()).length > LONGEST_TEXT)}
          onClick={() => send.mutate()}
        >
          {t.thread.draft.send}
        </Button>
      </div>
    </div>
  );
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
        placeholder={optedOut ? t.thread.optedOut : t.thread.placeholder(props.who)}
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
            t.thread.hint
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
