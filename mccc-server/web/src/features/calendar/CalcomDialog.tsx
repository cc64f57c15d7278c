import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { ApiError, api, ofBusiness } from "@/api/client";
import type { CalendarConnection } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { Dialog } from "@/ui/Dialog";
import { Button, Field, Input } from "@/ui/controls";
import { Banner } from "@/ui/states";
import { toast } from "@/ui/toast";
import { Refused } from "./Refused";
import { eventType } from "./choice";

/** Connects Cal.com by a key, which goes to the server and never comes back. */
export function CalcomDialog(props: { replaces: boolean; onClose: () => void }) {
  const { business } = useCurrent();
  const client = useQueryClient();
  const form = useId();
  const [key, setKey] = useState("");
  const [type, setType] = useState("");
  const [lengthIsChosen, setLengthIsChosen] = useState(false);
  const [asked, setAsked] = useState(false);
  const number = eventType(type);
  const connect = useMutation({
    mutationFn: (request: { api_key: string; event_type: number; length_is_chosen: boolean; replace: boolean }) =>
      api.post<CalendarConnection>(ofBusiness(business.id, "/calendar-connection/calcom"), request),
    onSuccess: (now) => {
      client.setQueryData(["calendar-connection", business.id], now);
      for (const what of ["week", "settings"]) void client.invalidateQueries({ queryKey: [what, business.id] });
      toast(now.sentence);
      props.onClose();
    },
  });

  const wrong = connect.error instanceof ApiError ? connect.error.fields : [];
  const at = (field: string) => wrong.find((one) => one.field === field)?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (key.trim() === "" || number === null || connect.isPending) return;
    connect.mutate({
      api_key: key.trim(),
      event_type: number,
      length_is_chosen: lengthIsChosen,
      replace: props.replaces,
    });
  };
  return (
    <Dialog
      title={t.calendar.connectCalcom}
      onClose={props.onClose}
      footer={
        <>
          <Button onClick={props.onClose}>{t.common.cancel}</Button>
          <Button type="submit" form={form} look="primary" busy={connect.isPending}>
            {t.calendar.calcomSave}
          </Button>
        </>
      }
    >
      <form id={form} className="cal-form" onSubmit={submit} noValidate>
        <p className="quiet">{t.calendar.calcomAbout}</p>
        {props.replaces && <Banner tone="attention">{t.calendar.replaces}</Banner>}
        <Field
          label={t.calendar.calcomKey}
          help={t.calendar.calcomKeyHelp}
          error={asked && key.trim() === "" ? t.calendar.calcomNeedKey : at("/api_key")}
        >
          {(ids) => (
            <Input
              {...ids}
              type="password"
              autoComplete="off"
              spellCheck={false}
              value={key}
              onChange={(event) => {
                setKey(event.target.value);
                connect.reset();
              }}
            />
          )}
        </Field>
        <Field
          label={t.calendar.calcomType}
          help={t.calendar.calcomTypeHelp}
          error={asked && number === null ? t.calendar.calcomNeedType : at("/event_type")}
        >
          {(ids) => (
            <Input
              {...ids}
              inputMode="numeric"
              autoComplete="off"
              value={type}
              onChange={(event) => {
                setType(event.target.value);
                connect.reset();
              }}
            />
          )}
        </Field>
        <label className="check">
          <input
            type="checkbox"
            checked={lengthIsChosen}
            onChange={(event) => setLengthIsChosen(event.target.checked)}
          />
          {t.calendar.calcomLength}
        </label>
        {connect.error && wrong.length === 0 && <Refused error={connect.error} />}
      </form>
    </Dialog>
  );
}
