import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BookOpen, PhoneIncoming, Play, Square } from "lucide-react";
import { useRef, useState } from "react";
import { api, ofBusiness } from "@/api/client";
import { latestCalls, sandbox as sandboxQuery, sandboxPhone } from "@/api/queries";
import type { CallRow, Page, SandboxInfo, SandboxPhone } from "@/api/types";
import { PageHead } from "@/frame/Frame";
import { useTitle } from "@/frame/title";
import { useCurrent } from "@/lib/business";
import { national, toE164 } from "@/lib/format";
import { Outcome } from "@/shared/Outcome";
import { TextStatus } from "@/shared/TextStatus";
import { Thread } from "@/shared/Thread";
import { callerWord } from "@/shared/caller";
import { t } from "@/strings";
import { MethodBadge } from "@/ui/Method";
import { When } from "@/ui/When";
import { Button, Field, Input, Segmented, Select } from "@/ui/controls";
import { Banner, Empty, ErrorState, Skeleton, sentenceOf } from "@/ui/states";
import { toast } from "@/ui/toast";
import { Phone } from "./Phone";
import { STORIES, type Story, answerTo, madeUp } from "./stories";
import { usePhone } from "./usePhone";
import "./simulator.css";

const OTHER = "other";
/** A caller whose number the network withholds, as the provider names it. */
const WITHHELD = "anonymous";

export function SimulatorPage() {
  const { session } = useCurrent();
  useTitle(t.simulator.title);
  const info = useQuery({ ...sandboxQuery, enabled: session.sandbox });
  return (
    <>
      <PageHead title={t.simulator.title} lead={t.simulator.lead} />
      {!session.sandbox ? (
        <Empty icon={BookOpen} title={t.simulator.notSandbox} body={t.simulator.notSandboxBody} />
      ) : info.data ? (
        <Simulator info={info.data} />
      ) : info.isError ? (
        <ErrorState error={info.error} onRetry={() => void info.refetch()} />
      ) : (
        <div className="simulator" aria-busy="true">
          <Skeleton height={620} />
          <Skeleton height={620} />
        </div>
      )}
    </>
  );
}

function Simulator({ info }: { info: SandboxInfo }) {
  const { business } = useCurrent();
  const client = useQueryClient();
  const [picked, setPicked] = useState(info.callers[0]?.phone ?? OTHER);
  const [typed, setTyped] = useState("");
  const [line, setLine] = useState(info.lines[0]?.phone ?? "");
  const [aloud, setAloud] = useState(false);
  const [side, setSide] = useState<"phone" | "yours">("phone");
  const phone = usePhone(aloud);

  const from = picked === OTHER ? toE164(typed) : picked;
  const own = from !== null && from !== WITHHELD ? from : "";
  const texts = useQuery(sandboxPhone(own));
  const callee = info.lines.find((one) => one.phone === line);

  const dial = async (caller: string | null) => {
    if (caller === null || line === "") return;
    await phone.call(caller, line);
  };
  const text = async (sender: string, body: string) => {
    try {
      await api.post("/sandbox/texts", { from: sender, to: line, body });
    } catch (error) {
      toast(sentenceOf(error), "problem");
      throw error;
    }
    await client.invalidateQueries({ queryKey: sandboxPhone(sender).queryKey });
  };

  // Who was texted lately is not texted again, and the story would end there: it is played by somebody unknown.
  const isNew = async (number: string) => {
    const query = { q: number.slice(-10), limit: 1 };
    const [known, calls] = await Promise.all([
      read(client, number),
      api.get<Page<CallRow>>(ofBusiness(business.id, "/calls"), { query }),
    ]);
    return known.texts.length === 0 && known.calls.length === 0 && calls.items.length === 0;
  };
  const caller = async () => {
    if (own !== "" && (await isNew(own))) return own;
    for (const number of madeUp(Math.floor(Math.random() * 100))) {
      if (info.lines.some((one) => one.phone === number) || !(await isNew(number))) continue;
      setPicked(OTHER);
      setTyped(national(number));
      return number;
    }
    return own;
  };

  const stories = useStories({ phone, caller, dial, text, texts: (number) => read(client, number) });
  const mistaken = picked === OTHER && typed !== "" && from === null;

  return (
    <>
      <div className="sim-bar panel">
        <Field label={t.simulator.from}>
          {(ids) => (
            <Select {...ids} value={picked} onChange={(event) => setPicked(event.target.value)}>
              {info.callers.map((one) => (
                <option key={one.phone} value={one.phone}>
                  {t.list([one.label, one.national])}
                </option>
              ))}
              <option value={WITHHELD}>{t.simulator.withheld}</option>
              <option value={OTHER}>{t.simulator.otherNumber}</option>
            </Select>
          )}
        </Field>
        {picked === OTHER && (
          <Field label={t.simulator.number} error={mistaken ? t.routing.badNumber : null}>
            {(ids) => (
              <Input {...ids} type="tel" value={typed} onChange={(event) => setTyped(event.target.value)} />
            )}
          </Field>
        )}
        {info.lines.length > 1 && (
          <Field label={t.simulator.to}>
            {(ids) => (
              <Select {...ids} value={line} onChange={(event) => setLine(event.target.value)}>
                {info.lines.map((one) => (
                  <option key={one.phone} value={one.phone}>
                    {t.list([one.label, one.national])}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        {own !== "" && <Faults number={own} faults={info.faults} />}
      </div>
      <div className="stories" role="group" aria-label={t.simulator.scripts}>
        <span className="stories-title">{t.simulator.scripts}</span>
        {STORIES.map((story) => (
          <Button
            key={story.key}
            title={story.about}
            disabled={stories.playing !== null || own === ""}
            onClick={() => void stories.play(story)}
          >
            <Play size={15} aria-hidden="true" />
            {story.title}
          </Button>
        ))}
        {stories.playing && (
          <Button look="danger" onClick={stories.stop}>
            <Square size={14} aria-hidden="true" />
            {t.simulator.stopScript}
          </Button>
        )}
        <p className="quiet" role="status">
          {stories.words}
        </p>
      </div>
      <div className="sim-sides">
        <Segmented
          label={t.simulator.title}
          value={side}
          options={(["phone", "yours"] as const).map((value) => ({ value, label: t.simulator.side[value] }))}
          onChange={setSide}
        />
      </div>
      <div className="simulator" data-side={side}>
        <section className="sim-phone" aria-label={t.simulator.phone}>
          <Phone
            key={own}
            state={phone.state}
            callee={{ name: business.name, number: callee?.national ?? national(line) }}
            texts={texts.data?.texts ?? null}
            canText={own !== "" && line !== ""}
            looksAt={stories.looksAt}
            aloud={aloud}
            onAloud={setAloud}
            onCall={() => void dial(from).catch(() => undefined)}
            onHangUp={(seconds) => void phone.hangUp(seconds).catch(() => undefined)}
            onReset={phone.reset}
            onText={(body) => text(own, body)}
          />
        </section>
        <Yours number={own} />
      </div>
    </>
  );
}

/** The phone's texts as they are now, past any cache. */
async function read(client: ReturnType<typeof useQueryClient>, number: string): Promise<SandboxPhone> {
  return await client.fetchQuery({ ...sandboxPhone(number), staleTime: 0 });
}

const TEXT_WAIT_MS = 20_000;
/** Answers a played caller gives before they lose patience. */
const MOST_TURNS = 8;

function useStories(use: {
  phone: ReturnType<typeof usePhone>;
  /** Whose story it is. */
  caller: () => Promise<string>;
  dial: (caller: string) => Promise<void>;
  text: (sender: string, body: string) => Promise<void>;
  texts: (number: string) => Promise<SandboxPhone>;
}) {
  const [playing, setPlaying] = useState<Story | null>(null);
  const [words, setWords] = useState("");
  const [looksAt, setLooksAt] = useState<"phone" | "messages" | null>(null);
  const stopped = useRef(false);

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const textsTo = async (number: string) =>
    (await use.texts(number)).texts.filter((text) => text.direction === "inbound");

  const play = async (story: Story) => {
    stopped.current = false;
    setPlaying(story);
    setLooksAt(null);
    setWords(t.simulator.playing(story.title));
    try {
      const caller = await use.caller();
      const received = async () => (await textsTo(caller)).length;
      let known = await received();
      for (const beat of story.beats) {
        if (stopped.current) return;
        setLooksAt(beat.kind === "call" || beat.kind === "listen" ? "phone" : "messages");
        switch (beat.kind) {
          case "call":
            known = await received();
            await use.dial(caller);
            break;
          case "listen":
            // The call ends by itself, or the caller ends it after listening.
            await pause(900);
            if (use.phone.current().phase === "connected") await use.phone.hangUp(beat.message_seconds);
            break;
          case "await_text": {
            const until = Date.now() + TEXT_WAIT_MS;
            while (!stopped.current && (await received()) <= known) {
              if (Date.now() > until) {
                setWords(t.simulator.noTextCame);
                return;
              }
              await pause(700);
            }
            await pause(1_500);
            break;
          }
          case "text":
            known = await received();
            await use.text(caller, beat.body);
            break;
          case "converse":
            for (let turn = 0; turn < MOST_TURNS; turn += 1) {
              const until = Date.now() + TEXT_WAIT_MS;
              while (!stopped.current && (await received()) <= known) {
                if (Date.now() > until) {
                  setWords(t.simulator.noTextCame);
                  return;
                }
                await pause(700);
              }
              if (stopped.current) return;
              const last = (await textsTo(caller)).at(-1)?.body ?? "";
              const body = beat.until.test(last) ? null : answerTo(last, beat.answers);
              if (body === null) break;
              await pause(1_500);
              known = await received();
              await use.text(caller, body);
            }
            break;
        }
      }
      setWords(t.simulator.played);
    } catch (error) {
      setWords(sentenceOf(error));
    } finally {
      setPlaying(null);
    }
  };
  const stop = () => {
    stopped.current = true;
    setPlaying(null);
    setWords("");
    void use.phone.hangUp().catch(() => undefined);
  };
  return { playing, words, looksAt, play, stop };
}

function Faults({ number, faults }: { number: string; faults: SandboxInfo["faults"] }) {
  const [fault, setFault] = useState("");
  const set = useMutation({
    mutationFn: (next: string) => api.post("/sandbox/faults", { number, fault: next === "" ? null : next }),
    onMutate: (next) => setFault(next),
    onSuccess: () => toast(t.simulator.faultSet, "info"),
    onError: (error) => {
      setFault("");
      toast(sentenceOf(error), "problem");
    },
  });
  return (
    <Field label={t.simulator.fault}>
      {(ids) => (
        <Select {...ids} value={fault} onChange={(event) => set.mutate(event.target.value)}>
          <option value="">{t.simulator.noFault}</option>
          {faults.map((one) => (
            <option key={one.key} value={one.key}>
              {one.label}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

/** What the business sees of it all, live. */
function Yours({ number }: { number: string }) {
  const { business } = useCurrent();
  const latest = useQuery(latestCalls(business.id, 4));
  const calls = latest.data?.items ?? [];
  const own = calls.find((call) => call.caller.number === number && call.conversation_id);
  return (
    <section className="sim-yours panel" aria-labelledby="yours-heading">
      <h2 id="yours-heading">{t.simulator.yours}</h2>
      {latest.isError && calls.length === 0 ? (
        <ErrorState error={latest.error} onRetry={() => void latest.refetch()} />
      ) : calls.length === 0 ? (
        <Empty icon={PhoneIncoming} title={t.simulator.waiting} />
      ) : (
        <ul className="sim-calls">
          {calls.map((call) => (
            <MiniCall key={call.id} call={call} />
          ))}
        </ul>
      )}
      {own?.conversation_id && (
        <div className="sim-thread">
          <h3>{callerWord(own.caller)}</h3>
          <Thread id={own.conversation_id} />
        </div>
      )}
      {number === "" && <Banner>{t.detail.noThreadWithheld}</Banner>}
    </section>
  );
}

function MiniCall({ call }: { call: CallRow }) {
  const { business } = useCurrent();
  return (
    <li>
      <Link to="/b/$business/calls" params={{ business: business.id }} search={{ range: "all", call: call.id }}>
        <span className="mini-who">{callerWord(call.caller)}</span>
        <span className="mini-when">
          <When at={call.received_at} />
        </span>
        <span className="mini-how">
          <MethodBadge method={call.method} />
          <Outcome call={call} />
          {call.text_status !== "none" && <TextStatus status={call.text_status} />}
        </span>
      </Link>
    </li>
  );
}
