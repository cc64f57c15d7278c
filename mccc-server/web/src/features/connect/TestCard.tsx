import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, LoaderCircle, X } from "lucide-react";
import { useEffect, useState } from "react";
import { ApiError, api, ofBusiness } from "@/api/client";
import { business as businessQuery, forwarding as forwardingQuery, forwardingTest, health } from "@/api/queries";
import type { Forwarding, ForwardingTest } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { national, toE164 } from "@/lib/format";
import { t } from "@/strings";
import { Label } from "@/ui/Label";
import { When } from "@/ui/When";
import { Button, Field, Input, Segmented } from "@/ui/controls";
import { Banner, sentenceOf } from "@/ui/states";

const c = t.connect;
type Mode = ForwardingTest["mode"];

/** What to say about a test that failed. */
export function failureWords(test: ForwardingTest, forwarding: Forwarding, provider: string | null): string {
  const number = forwarding.national ?? (forwarding.number ? national(forwarding.number) : "");
  const own = forwarding.business_national ?? (forwarding.business_phone ? national(forwarding.business_phone) : "");
  switch (test.failure) {
    case "answered":
      return c.failure.answered;
    case "unreachable":
      return c.failure.unreachable(own);
    case "not_forwarded":
      return c.failure.not_forwarded(provider ?? c.provider, number);
    case null:
      return test.message ?? c.failure.not_forwarded(provider ?? c.provider, number);
  }
}

export function TestCard(props: { forwarding: Forwarding; provider: string | null; tips: readonly string[]; onReread: () => void }) {
  const { forwarding } = props;
  const { business } = useCurrent();
  const client = useQueryClient();
  const [ready, setReady] = useState(false);
  const [mode, setMode] = useState<Mode>("call_me");
  const [id, setId] = useState<string | null>(null);
  const [skipping, setSkipping] = useState(false);
  const [from, setFrom] = useState("");
  const [mistake, setMistake] = useState<string | null>(null);

  const start = useMutation({
    mutationFn: (from: string | undefined) =>
      api.post<ForwardingTest>(ofBusiness(business.id, "/forwarding/test"), { mode, from }),
    onSuccess: (test) => setId(test.id),
  });
  const found = useQuery({ ...forwardingTest(business.id, id ?? ""), enabled: id !== null });
  const test = id === null ? forwarding.last_test : (found.data ?? null);
  const over = test?.status === "succeeded" || test?.status === "failed";
  const running = start.isPending || (id !== null && !over);

  // A verified number changes what other pages say.
  useEffect(() => {
    if (id === null || !over) return;
    for (const queryKey of [
      forwardingQuery(business.id).queryKey,
      businessQuery(business.id).queryKey,
      health(business.id).queryKey,
    ]) {
      void client.invalidateQueries({ queryKey });
    }
  }, [id, over, business.id, client]);

  const begin = () => {
    const phone = mode === "you_call" ? toE164(from) : undefined;
    setMistake(phone === null ? t.routing.badNumber : null);
    if (phone !== null) start.mutate(phone);
  };

  const own = forwarding.business_national ?? (forwarding.business_phone ? national(forwarding.business_phone) : null);
  const failed = !running && test?.status === "failed";
  const possible = forwarding.number !== null && own !== null;
  return (
    <>
      {forwarding.verified && !running && !failed && (
        <Banner tone="good">
          <p>{plain(c.active)}</p>
          {forwarding.verified_at && (
            <p className="quiet">
              {c.verified} <When at={forwarding.verified_at} />
            </p>
          )}
        </Banner>
      )}
      <label className="check">
        <input
          type="checkbox"
          checked={ready}
          disabled={!possible || running}
          onChange={(event) => setReady(event.target.checked)}
        />
        {c.done}
      </label>
      <div className="test-mode">
        <Segmented
          label={c.mode}
          value={mode}
          options={[
            { value: "call_me", label: c.modeCall },
            { value: "you_call", label: c.modeYou },
          ]}
          onChange={setMode}
        />
        <p className="quiet">{mode === "call_me" ? c.helper : c.modeYouAbout}</p>
        {mode === "you_call" && (
          <Field label={c.modeYouFrom} error={mistake}>
            {(ids) => (
              <Input {...ids} type="tel" autoComplete="tel" value={from} onChange={(event) => setFrom(event.target.value)} />
            )}
          </Field>
        )}
      </div>
      <div className="test-actions">
        <Button look="primary" disabled={!possible || !ready} busy={running} onClick={begin}>
          {running ? (mode === "you_call" ? c.waitingForYou : c.testing) : failed ? c.retest : c.test}
        </Button>
        {failed && <Button onClick={props.onReread}>{c.reread}</Button>}
        {!forwarding.verified && !running && (
          <Button look="link" aria-expanded={skipping} onClick={() => setSkipping(!skipping)}>
            {c.skip}
          </Button>
        )}
      </div>
      {skipping && !forwarding.verified && (
        <Banner tone="attention" alert>
          <p>{c.skipWarning}</p>
          <Link to="/b/$business/calls" params={{ business: business.id }}>
            {c.skipAnyway}
          </Link>
        </Banner>
      )}
      {start.isError && (
        <Banner tone="problem" alert>
          {start.error instanceof ApiError && start.error.status === 409 ? c.inProgress : sentenceOf(start.error)}
        </Banner>
      )}
      <div className="progress" aria-live="polite">
        {running && test && (
          <p className="progress-words">
            <Label>{stageWords(test, own ?? "")}</Label>
          </p>
        )}
        {id !== null && test?.mode === "call_me" && <Stages test={test} />}
        {failed && test && (
          <>
            <p className="progress-words">
              <Label>{c.status.failed}</Label>
            </p>
            <p>{failureWords(test, forwarding, props.provider)}</p>
            <h3>{c.tips}</h3>
            <ul className="tips">
              {props.tips.map((tip) => (
                <li key={tip}>{tip}</li>
              ))}
            </ul>
          </>
        )}
        {id !== null && test?.status === "succeeded" && (
          <p className="progress-words">
            <Label>{c.status.succeeded}</Label>
          </p>
        )}
      </div>
    </>
  );
}

function stageWords(test: ForwardingTest, own: string): string {
  if (test.mode === "you_call") return c.status.waiting(own);
  if (test.status === "calling") return c.status.calling(own);
  return test.status === "ringing" ? c.status.ringing : c.status.checking;
}

/** Calling, ringing, checking, and how it ended. */
function Stages({ test }: { test: ForwardingTest }) {
  return (
    <ol className="stages" aria-label={c.progress}>
      {test.steps.map(({ state, title }, index) => {
        const words = index === 3 && state === "failed" ? c.stageFailed : c.stages[index];
        return (
          <li key={index} data-state={state} aria-current={state === "active" ? "step" : undefined}>
            <span className="stage-sign" aria-hidden="true">
              {state === "done" && <Check size={14} />}
              {state === "active" && <LoaderCircle size={14} className="spin" />}
              {state === "failed" && <X size={14} />}
            </span>
            <span>{words?.replace(/^[✓✗] /u, "") ?? title}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** The banner has its own sign. */
function plain(text: string): string {
  return text.replace(/^✅ /u, "");
}
