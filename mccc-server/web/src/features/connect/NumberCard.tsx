import { useMutation, useQueryClient } from "@tanstack/react-query";
import { LoaderCircle } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { api, ofBusiness } from "@/api/client";
import { business as businessQuery, forwarding as forwardingQuery, isBuying } from "@/api/queries";
import type { Forwarding } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { Button, CopyButton, Field, Input } from "@/ui/controls";
import { Banner } from "@/ui/states";
import { Support } from "./Support";
import { areaCodeOf, international, isAreaCode } from "./guide";

const c = t.connect;

/** The number that calls are forwarded to: shown, or obtained. */
export function NumberCard({ forwarding }: { forwarding: Forwarding }) {
  const { business } = useCurrent();
  const client = useQueryClient();
  const [area, setArea] = useState(areaCodeOf(forwarding.business_phone));
  const [mistake, setMistake] = useState<string | null>(null);
  const [help, setHelp] = useState(false);
  const [fresh, setFresh] = useState(false);

  const provision = useMutation({
    mutationFn: () =>
      api.post<Forwarding>(ofBusiness(business.id, "/forwarding/number"), area === "" ? {} : { area_code: area }),
    onSuccess: async () => {
      setFresh(true);
      await Promise.all([
        client.invalidateQueries({ queryKey: forwardingQuery(business.id).queryKey }),
        client.invalidateQueries({ queryKey: businessQuery(business.id).queryKey }),
      ]);
    },
  });
  useEffect(() => {
    if (!fresh) return;
    const timer = setTimeout(() => setFresh(false), 2_000);
    return () => clearTimeout(timer);
  }, [fresh]);

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    const wrong = area !== "" && !isAreaCode(area) ? c.areaCodeBad : null;
    setMistake(wrong);
    if (!wrong) provision.mutate();
  };

  if (forwarding.number) {
    const shown = international(forwarding.number);
    return (
      <div className="number-card">
        {fresh && <Banner tone="good">{c.ready}</Banner>}
        <Field label={forwarding.direct ? c.publicNumber : c.number}>
          {(ids) => (
            <div className="number-row">
              <Input {...ids} className="input number-field" readOnly value={shown} />
              <CopyButton text={forwarding.number ?? ""} label={c.copyNumber} />
            </div>
          )}
        </Field>
      </div>
    );
  }
  if (provision.isPending || isBuying(forwarding)) {
    return (
      <div className="number-card" role="status">
        <p className="generating">
          <LoaderCircle size={20} className="spin" aria-hidden="true" />
          {c.generating}
        </p>
      </div>
    );
  }
  return (
    <div className="number-card">
      {provision.isError || forwarding.provisioning ? (
        <Banner
          tone="problem"
          alert
          actions={
            <>
              <Button look="primary" onClick={() => submit()}>
                {c.retry}
              </Button>
              <Button onClick={() => setHelp(true)}>{c.support}</Button>
            </>
          }
        >
          <p>{c.failed}</p>
          {forwarding.provisioning?.failed && <p className="quiet">{forwarding.provisioning.failed}</p>}
        </Banner>
      ) : (
        <form className="number-form" onSubmit={submit} noValidate>
          <Field label={c.areaCode} help={c.areaCodeHelp} error={mistake}>
            {(ids) => (
              <Input
                {...ids}
                inputMode="numeric"
                maxLength={3}
                autoComplete="off"
                value={area}
                onChange={(event) => setArea(event.target.value.replace(/\D/g, ""))}
              />
            )}
          </Field>
          <Button type="submit" look="primary">
            {c.provision}
          </Button>
        </form>
      )}
      {help && (
        <Support onClose={() => setHelp(false)} />
      )}
    </div>
  );
}
