import { Mic, Phone as PhoneIcon, PhoneOff, SendHorizontal, Signal, Volume2, VolumeX } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { SandboxPhone } from "@/api/types";
import { useCurrent, useNow } from "@/lib/business";
import { clock, duration } from "@/lib/format";
import { t } from "@/strings";
import { Button } from "@/ui/controls";
import { sentenceOf } from "@/ui/states";
import type { PhoneState } from "./usePhone";

interface Props {
  state: PhoneState;
  /** Who is called, as the phone shows it. */
  callee: { name: string; number: string };
  /** Null until they are known. */
  texts: SandboxPhone["texts"] | null;
  canText: boolean;
  aloud: boolean;
  onAloud: (aloud: boolean) => void;
  onCall: () => void;
  onHangUp: (messageSeconds?: number) => void;
  onReset: () => void;
  onText: (body: string) => Promise<void>;
  /** What a played caller looks at now. */
  looksAt: Tab | null;
}

type Tab = "phone" | "messages";

/** A phone in the hand of a customer. */
export function Phone(props: Props) {
  const { zone } = useCurrent();
  const now = useNow();
  const [tab, setTab] = useState<Tab>("phone");
  // A played caller looks at what they do.
  useEffect(() => {
    if (props.looksAt) setTab(props.looksAt);
  }, [props.looksAt]);
  // What was there when the phone was picked up is no news.
  const total = props.texts?.length ?? null;
  const [seen, setSeen] = useState(total);
  const received = total === null || seen === null ? 0 : total - seen;
  useEffect(() => {
    setSeen((known) => (tab === "messages" || known === null ? total : known));
  }, [tab, total]);
  return (
    <div className="phone">
      <div className="phone-screen">
        <p className="phone-status" aria-hidden="true">
          <span>{clock(zone, now)}</span>
          <Signal size={14} />
        </p>
        <div className="phone-body">
          {tab === "phone" ? <CallScreen {...props} /> : <TextScreen {...props} />}
        </div>
        <div className="phone-tabs" role="group" aria-label={t.simulator.phone}>
          <button type="button" aria-pressed={tab === "phone"} onClick={() => setTab("phone")}>
            {t.simulator.tabs.phone}
          </button>
          <button type="button" aria-pressed={tab === "messages"} onClick={() => setTab("messages")}>
            {t.simulator.tabs.messages}
            {tab === "phone" && received > 0 && (
              <span className="phone-badge">
                <span aria-hidden="true">{received}</span>
                <span className="hidden-visually">{t.simulator.received(received)}</span>
              </span>
            )}
          </button>
        </div>
      </div>
    </div>
  );
}

function CallScreen(props: Props) {
  const { state } = props;
  const live = state.phase === "connected" || state.phase === "ringing";
  const said = state.phase === "connected" || state.phase === "ended" ? state.said : [];
  return (
    <div className="call-screen">
      <div className="callee">
        <p className="callee-name">{props.callee.name}</p>
        <p className="callee-number">{props.callee.number}</p>
        <p className="callee-state" role="status">
          {state.phase === "ringing" && t.simulator.ringing}
          {state.phase === "connected" && <Elapsed since={state.since} />}
          {state.phase === "ended" && (state.rejected ? t.simulator.rejected : t.simulator.ended)}
          {state.phase === "failed" && sentenceOf(state.error)}
        </p>
      </div>
      <Said lines={said} />
      {state.phase === "connected" && state.recordingSince !== null && (
        <div className="leave">
          <p>
            <Mic size={14} aria-hidden="true" /> {t.simulator.recording} <Elapsed since={state.recordingSince} />
          </p>
          <div className="leave-lengths" role="group" aria-label={t.simulator.leave}>
            {[5, 15, 40].map((seconds) => (
              <button key={seconds} type="button" onClick={() => props.onHangUp(seconds)}>
                {t.simulator.leaveSeconds(seconds)}
              </button>
            ))}
          </div>
        </div>
      )}
      <div className="call-keys">
        {live && (
          <>
            <button
              type="button"
              className="key"
              aria-pressed={props.aloud}
              aria-label={t.simulator.speak}
              onClick={() => props.onAloud(!props.aloud)}
            >
              {props.aloud ? <Volume2 size={22} aria-hidden="true" /> : <VolumeX size={22} aria-hidden="true" />}
            </button>
            <button type="button" className="key key-end" onClick={() => props.onHangUp()}>
              <PhoneOff size={24} aria-hidden="true" />
              <span className="hidden-visually">{t.simulator.hangUp}</span>
            </button>
          </>
        )}
        {state.phase === "idle" && (
          <button type="button" className="key key-call" onClick={props.onCall}>
            <PhoneIcon size={24} aria-hidden="true" />
            <span className="hidden-visually">{t.simulator.call}</span>
          </button>
        )}
        {(state.phase === "ended" || state.phase === "failed") && (
          <button type="button" className="key-wide" onClick={props.onReset}>
            {t.simulator.newCall}
          </button>
        )}
      </div>
    </div>
  );
}

/** What the caller hears, as it is said. */
function Said({ lines }: { lines: readonly string[] }) {
  const ref = useRef<HTMLOListElement>(null);
  useEffect(() => {
    ref.current?.lastElementChild?.scrollIntoView?.({ block: "nearest" });
  }, [lines.length]);
  return (
    <ol className="said" aria-label={t.simulator.hear} aria-live="polite" ref={ref}>
      {lines.map((line, index) => (
        <li key={index}>{line}</li>
      ))}
    </ol>
  );
}

function Elapsed({ since }: { since: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return <span aria-hidden="true">{duration(Math.max(0, (now - since) / 1000))}</span>;
}

function TextScreen(props: Props) {
  const { zone } = useCurrent();
  const [body, setBody] = useState("");
  const [busy, setBusy] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  const texts = props.texts ?? [];
  useEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [texts.length]);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const words = body.trim();
    if (words === "" || busy) return;
    setBusy(true);
    try {
      await props.onText(words);
      setBody("");
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="text-screen">
      <p className="text-with">{props.callee.name}</p>
      {texts.length === 0 ? (
        <p className="text-none">{t.simulator.noTexts}</p>
      ) : (
        <ol className="texts" ref={list} aria-label={t.simulator.texts} tabIndex={0}>
          {texts.map((text, index) => (
            <li key={text.id ?? index} data-mine={text.direction === "outbound" || undefined}>
              <p className="text-bubble">{text.body}</p>
              <p className="text-at">{clock(zone, Date.parse(text.at))}</p>
            </li>
          ))}
        </ol>
      )}
      <form className="text-form" onSubmit={send}>
        <input
          aria-label={t.simulator.write}
          placeholder={t.simulator.write}
          value={body}
          disabled={!props.canText}
          onChange={(event) => setBody(event.target.value)}
        />
        <Button type="submit" look="primary" iconOnly busy={busy} disabled={!props.canText} aria-label={t.simulator.send}>
          {!busy && <SendHorizontal size={18} aria-hidden="true" />}
        </Button>
      </form>
    </div>
  );
}
