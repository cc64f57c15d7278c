import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, ExternalLink, Phone } from "lucide-react";
import { type RefObject, useState } from "react";
import { api, ofBusiness } from "@/api/client";
import { forwarding as forwardingQuery } from "@/api/queries";
import type { Forwarding, Guide, Guides } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { ButtonLink, CopyButton, Field, Input } from "@/ui/controls";
import { toast } from "@/ui/toast";
import { dialHref, filled, filledCode } from "./guide";

const c = t.connect;

/** Which provider the business has, and what to do there. */
export function Providers(props: {
  forwarding: Forwarding;
  guides: Guides;
  steps: RefObject<HTMLDivElement | null>;
}) {
  const { forwarding, guides } = props;
  const { business } = useCurrent();
  const client = useQueryClient();
  const key = forwardingQuery(business.id).queryKey;
  const choose = useMutation({
    mutationFn: (provider: string) => api.post(ofBusiness(business.id, "/forwarding/provider"), { provider }),
    onMutate: (provider) => {
      const before = client.getQueryData<Forwarding>(key);
      client.setQueryData<Forwarding>(key, (now) => (now ? { ...now, provider } : now));
      return before;
    },
    onError: (_error, _provider, before) => {
      client.setQueryData(key, before);
      toast(t.errors.unknown, "problem");
    },
  });
  const chosen = forwarding.provider;
  const guide = chosen === null ? undefined : guides[chosen];
  const number = forwarding.number;
  return (
    <>
      <fieldset className="tiles" disabled={number === null} data-chosen={guide ? "" : undefined}>
        <legend className="hidden-visually">{c.providers}</legend>
        {Object.entries(guides).map(([provider, one]) => (
          <label key={provider} className="tile" data-on={provider === chosen || undefined}>
            <input
              type="radio"
              name="provider"
              className="hidden-visually"
              checked={provider === chosen}
              onChange={() => choose.mutate(provider)}
            />
            <span className="tile-sign" aria-hidden="true">
              {one.name.slice(0, 1)}
            </span>
            <span className="tile-name">{one.name}</span>
            <span className="tile-check" aria-hidden="true">
              {provider === chosen && <Check size={14} />}
            </span>
          </label>
        ))}
      </fieldset>
      <div className="steps" ref={props.steps} tabIndex={-1} aria-live="polite">
        {number === null ? (
          <p className="quiet">{c.needNumber}</p>
        ) : guide ? (
          <Steps guide={guide} number={number} other={chosen === "other"} />
        ) : (
          <p className="quiet">{c.none}</p>
        )}
      </div>
    </>
  );
}

function Steps({ guide, number, other }: { guide: Guide; number: string; other: boolean }) {
  const [name, setName] = useState("");
  return (
    <>
      <h3>{c.stepsFor(name.trim() || guide.name)}</h3>
      {other && (
        <Field label={c.otherName}>
          {(ids) => <Input {...ids} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
      )}
      <ol className="step-list">
        {guide.steps.map((step, index) => {
          const code = step.code ? filledCode(step.code, number) : null;
          return (
            <li key={index}>
              <p>
                {filled(step.text, number)}
                {step.href && (
                  <>
                    {" "}
                    <a href={step.href} target="_blank" rel="noreferrer">
                      {c.open}
                      <ExternalLink size={13} aria-hidden="true" />
                      <span className="hidden-visually"> {t.common.newTab}</span>
                    </a>
                  </>
                )}
              </p>
              {code && (
                <p className="step-code">
                  <code>{code}</code>
                  <CopyButton text={code} label={c.copyCode(code)} />
                  <ButtonLink href={dialHref(code)}>
                    <Phone size={16} aria-hidden="true" />
                    {c.dial}
                  </ButtonLink>
                </p>
              )}
            </li>
          );
        })}
      </ol>
      {guide.generic && <p className="quiet">{c.genericNote}</p>}
      {guide.note && <p className="quiet">{guide.note}</p>}
    </>
  );
}
