import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, api, ofBusiness } from "@/api/client";
import { business as businessQuery, forwarding as forwardingQuery } from "@/api/queries";
import type { Forwarding } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { national, toE164 } from "@/lib/format";
import { t } from "@/strings";
import { Button, Field, Input } from "@/ui/controls";
import { sentenceOf } from "@/ui/states";
import { NO_PHONE, useProvider } from "./Providers";

const c = t.connect;

/** The number that customers call; tests ring it. */
export function BusinessPhone({ forwarding }: { forwarding: Forwarding }) {
  const { business } = useCurrent();
  const client = useQueryClient();
  const known = forwarding.business_phone;
  const [editing, setEditing] = useState(false);
  const [text, setText] = useState("");
  const [mistake, setMistake] = useState<string | null>(null);
  const choose = useProvider();
  const save = useMutation({
    mutationFn: (phone: string) => api.put<Forwarding>(ofBusiness(business.id, "/forwarding/business-phone"), { phone }),
    onSuccess: (saved) => {
      client.setQueryData(forwardingQuery(business.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: businessQuery(business.id).queryKey });
      setEditing(false);
      setText("");
    },
    onError: (error) =>
      setMistake((error instanceof ApiError ? error.fields[0]?.message : undefined) ?? sentenceOf(error)),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const phone = toE164(text);
    setMistake(phone === null ? t.routing.badNumber : null);
    if (phone !== null) save.mutate(phone);
  };

  if (known !== null && !editing) {
    return (
      <p className="business-phone">
        <span className="quiet">{c.businessPhone}</span>
        <strong>{forwarding.business_national ?? national(known)}</strong>
        <Button look="link" onClick={() => setEditing(true)}>
          {c.change}
        </Button>
      </p>
    );
  }
  return (
    <form className="number-form" onSubmit={submit} noValidate>
      <Field label={c.businessPhone} help={c.businessPhoneHelp} error={mistake}>
        {(ids) => (
          <Input {...ids} type="tel" autoComplete="tel" value={text} onChange={(event) => setText(event.target.value)} />
        )}
      </Field>
      <Button type="submit" busy={save.isPending}>
        {t.common.save}
      </Button>
      {known === null && (
        <Button look="link" busy={choose.isPending} onClick={() => choose.mutate(NO_PHONE)}>
          {c.noPhone}
        </Button>
      )}
      {known !== null && (
        <Button look="quiet" onClick={() => setEditing(false)}>
          {t.common.cancel}
        </Button>
      )}
    </form>
  );
}
