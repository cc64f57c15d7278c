import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ofBusiness } from "@/api/client";
import type { WhatIfRequest, WhatIfResult } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { toE164 } from "@/lib/format";
import { dayOf, instantOf, timeOf } from "@/lib/zone";
import { Trace } from "@/shared/Trace";
import { t } from "@/strings";
import { MethodBadge } from "@/ui/Method";
import { Button, Field, Input } from "@/ui/controls";
import { Banner, Pill, sentenceOf } from "@/ui/states";

/** Asks the schedule what it would do, before or after saving it. */
export function WhatIf({ draft }: { draft: Pick<WhatIfRequest, "cells" | "overrides"> }) {
  const { business, zone } = useCurrent();
  const [date, setDate] = useState(() => dayOf(zone, Date.now()));
  const [time, setTime] = useState(() => timeOf(zone, Date.now()));
  const [caller, setCaller] = useState("");
  const [mistakes, setMistakes] = useState<{ when?: string; caller?: string }>({});

  const ask = useMutation({
    mutationFn: (request: WhatIfRequest) =>
      api.post<{ results: WhatIfResult[] }>(ofBusiness(business.id, "/routing-rules/what-if"), request),
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const at = instantOf(zone, date, time);
    const from = caller.trim() === "" ? undefined : toE164(caller);
    setMistakes({
      when: at === null ? t.routing.whatIfNeed : undefined,
      caller: from === null ? t.routing.badNumber : undefined,
    });
    if (at === null || from === null) return;
    ask.mutate({ at: [new Date(at).toISOString()], caller: from, ...draft });
  };

  const result = ask.data?.results[0];
  return (
    <section className="side-part" aria-labelledby="what-if-heading">
      <h2 id="what-if-heading">{t.routing.whatIf}</h2>
      <p className="quiet">{t.routing.whatIfAbout}</p>
      <form className="side-form" onSubmit={submit} noValidate>
        <div className="two">
          <Field label={t.routing.whatIfDate} error={mistakes.when}>
            {(ids) => <Input {...ids} type="date" value={date} onChange={(event) => setDate(event.target.value)} />}
          </Field>
          <Field label={t.routing.whatIfTime}>
            {(ids) => <Input {...ids} type="time" value={time} onChange={(event) => setTime(event.target.value)} />}
          </Field>
        </div>
        <Field label={t.routing.whatIfCaller} error={mistakes.caller}>
          {(ids) => (
            <Input
              {...ids}
              type="tel"
              inputMode="tel"
              autoComplete="off"
              value={caller}
              onChange={(event) => setCaller(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" busy={ask.isPending}>
          {t.routing.whatIfAsk}
        </Button>
      </form>
      <div aria-live="polite">
        {ask.isError && <Banner tone="problem">{sentenceOf(ask.error)}</Banner>}
        {result && (
          <div className="what-if-result">
            <p className="what-if-method">
              <MethodBadge method={result.method} />
              <Pill>{t.variant[result.variant]}</Pill>
            </p>
            {result.method !== result.scheduled && (
              <p className="quiet">
                {t.method.planned(t.method.name[result.scheduled], t.method.name[result.method])}
              </p>
            )}
            <Trace trace={{ ...result.trace, sentence: result.sentence || result.trace.sentence }} />
          </div>
        )}
      </div>
    </section>
  );
}
