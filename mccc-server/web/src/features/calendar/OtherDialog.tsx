import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { ApiError, api, ofBusiness } from "@/api/client";
import type { OtherCalendars } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { Dialog } from "@/ui/Dialog";
import { Button, Field, Input } from "@/ui/controls";
import { toast } from "@/ui/toast";
import { Refused } from "./Refused";

/** Connects a calendar by the address under which it is published, which goes to the server and never comes back. */
export function OtherDialog(props: { onConnected: (now: OtherCalendars) => void; onClose: () => void }) {
  const { business } = useCurrent();
  const form = useId();
  const [address, setAddress] = useState("");
  const [name, setName] = useState("");
  const [asked, setAsked] = useState(false);
  const connect = useMutation({
    mutationFn: (request: { address: string; name?: string }) =>
      api.post<OtherCalendars>(ofBusiness(business.id, "/other-calendars"), request),
    onSuccess: (now) => {
      props.onConnected(now);
      toast(t.calendar.others.connected);
      props.onClose();
    },
  });
  const wrong = connect.error instanceof ApiError ? connect.error.fields : [];
  const at = (field: string) => wrong.find((one) => one.field === field)?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (address.trim() === "" || connect.isPending) return;
    connect.mutate({ address: address.trim(), ...(name.trim() === "" ? {} : { name: name.trim() }) });
  };
  return (
    <Dialog
      title={t.calendar.others.add}
      onClose={props.onClose}
      footer={
        <>
          <Button onClick={props.onClose}>{t.common.cancel}</Button>
          <Button type="submit" form={form} look="primary" busy={connect.isPending}>
            {t.calendar.others.connect}
          </Button>
        </>
      }
    >
      <form id={form} className="cal-form" onSubmit={submit} noValidate>
        <p className="quiet">{t.calendar.others.where}</p>
        <Field
          label={t.calendar.others.address}
          help={t.calendar.others.addressHelp}
          error={asked && address.trim() === "" ? t.calendar.others.needAddress : at("/address")}
        >
          {(ids) => (
            <Input
              {...ids}
              type="password"
              autoComplete="off"
              spellCheck={false}
              value={address}
              onChange={(event) => {
                setAddress(event.target.value);
                connect.reset();
              }}
            />
          )}
        </Field>
        <Field label={t.calendar.others.name} help={t.calendar.others.nameHelp} error={at("/name")}>
          {(ids) => (
            <Input
              {...ids}
              autoComplete="off"
              maxLength={60}
              value={name}
              onChange={(event) => {
                setName(event.target.value);
                connect.reset();
              }}
            />
          )}
        </Field>
        {connect.error && wrong.length === 0 && <Refused error={connect.error} />}
      </form>
    </Dialog>
  );
}
