import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, ExternalLink, Phone } from "lucide-react";
import { type RefObject, useState } from "react";
import { api, ofBusiness } from "@/api/client";
import { business as businessQuery, forwarding as forwardingQuery, health } from "@/api/queries";
import type { Forwarding, Guide, Guides } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { Button, ButtonLink, CopyButton, Field, Input } from "@/ui/controls";
import { Banner } from "@/ui/states";
import { toast } from "@/ui/toast";
import { Support } from "./Support";
import { dialHref, filled, filledCode, noteParts } from "./guide";

const c = t.connect;

/** The key of the steps for every company that has none of its own. */
const OTHER = "other";
/** The key for a business whose customers dial our number. */
export const NO_PHONE = "none";

/** Chooses the phone company. */
export function useProvider() {
  const { business } = useCurrent();
  const client = useQueryClient();
  const key = forwardingQuery(business.id).queryKey;
  return useMutation({
    mutationFn: (provider: string) =>
      api.post<Forwarding>(ofBusiness(business.id, "/forwarding/provider"), { provider }),
    onMutate: (provider) => {
      // An answer that was asked for before the choice must not take it back.
      void client.cancelQueries({ queryKey: key });
      const before = client.getQueryData<Forwarding>(key);
      client.setQueryData<Forwarding>(key, (now) => (now ? { ...now, provider } : now));
      return before;
    },
    onSuccess: (saved) => {
      client.setQueryData(key, saved);
      for (const { queryKey } of [businessQuery(business.id), health(business.id)]) {
        void client.invalidateQueries({ queryKey });
      }
    },
    onError: (_error, _provider, before) => {
      client.setQueryData(key, before);
      toast(t.errors.unknown, "problem");
    },
  });
}

/** Which provider the business has, and what to do there. */
export function Providers(props: {
  forwarding: Forwarding;
  guides: Guides;
  steps: RefObject<HTMLDivElement | null>;
}) {
  const { forwarding, guides } = props;
  const choose = useProvider();
  const chosen = forwarding.provider;
  // A company whose steps are gone, or never were, gets the general ones.
  const guide = chosen === null ? undefined : (guides[chosen] ?? guides[OTHER]);
  const changed = guide !== undefined && forwarding.verified && forwarding.instructions_version !== guide.version;
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
          <>
            {changed && <Banner>{c.stepsChanged}</Banner>}
            <Steps guide={guide} number={number} other={chosen === OTHER} named={chosen !== NO_PHONE} />
          </>
        ) : (
          <p className="quiet">{c.none}</p>
        )}
      </div>
    </>
  );
}

function Steps(props: { guide: Guide; number: string; other: boolean; named: boolean }) {
  const { guide, number, other } = props;
  const [name, setName] = useState("");
  const [help, setHelp] = useState(false);
  return (
    <>
      {props.named && <h3>{c.stepsFor(name.trim() || guide.name)}</h3>}
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
      {guide.generic_note && (
        <p className="quiet">
          {noteParts(guide.generic_note).map((part) =>
            part.help ? (
              <Button key={part.text} look="link" onClick={() => setHelp(true)}>
                {part.text}
              </Button>
            ) : (
              part.text
            ),
          )}
        </p>
      )}
      {help && <Support onClose={() => setHelp(false)} />}
      {guide.note && <p className="quiet">{guide.note}</p>}
    </>
  );
}
