import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useId, useState } from "react";
import { api, ofBusiness } from "@/api/client";
import type { BlockRequest, BlockedTime } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { instantOf, isDay } from "@/lib/zone";
import { t } from "@/strings";
import { Dialog } from "@/ui/Dialog";
import { Button, Field, Input, Segmented } from "@/ui/controls";
import { toast } from "@/ui/toast";
import { Refused } from "./Refused";

/** Takes no appointments for a while: whole days, or some hours of one. */
export function BlockDialog(props: { day: string; onClose: () => void }) {
  const { business, zone } = useCurrent();
  const client = useQueryClient();
  const form = useId();
  const [whole, setWhole] = useState<"days" | "hours">("days");
  const [title, setTitle] = useState("");
  const [first, setFirst] = useState(props.day);
  const [last, setLast] = useState(props.day);
  const [from, setFrom] = useState("12:00");
  const [to, setTo] = useState("13:00");
  const [wrong, setWrong] = useState<{ title?: string; first?: string; last?: string; to?: string }>({});

  const block = useMutation({
    mutationFn: (request: BlockRequest) => api.post<BlockedTime>(ofBusiness(business.id, "/blocked-times"), request),
    onSuccess: () => {
      for (const what of ["week", "blocked"]) void client.invalidateQueries({ queryKey: [what, business.id] });
      toast(t.calendar.off.done);
      props.onClose();
    },
  });

  // The first mistake is where the person goes on.
  useEffect(() => {
    if (Object.keys(wrong).length === 0) return;
    document.getElementById(form)?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form, wrong]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found: typeof wrong = {};
    if (title.trim() === "") found.title = t.calendar.off.needTitle;
    if (!isDay(first)) found.first = t.calendar.off.needDay;
    const start = instantOf(zone, first, from);
    const end = instantOf(zone, first, to);
    if (whole === "days" && isDay(last) && last < first) found.last = t.calendar.off.order;
    if (whole === "hours" && (start === null || end === null || end <= start)) found.to = t.calendar.off.orderHours;
    setWrong(found);
    if (Object.keys(found).length > 0 || block.isPending) return;
    block.mutate(
      whole === "days"
        ? { title: title.trim(), first_day: first, last_day: isDay(last) ? last : first }
        : {
            title: title.trim(),
            start: new Date(start ?? 0).toISOString(),
            end: new Date(end ?? 0).toISOString(),
          },
    );
  };

  return (
    <Dialog
      title={t.calendar.off.title}
      onClose={props.onClose}
      footer={
        <>
          <Button onClick={props.onClose}>{t.common.cancel}</Button>
          <Button type="submit" form={form} look="primary" busy={block.isPending}>
            {t.calendar.off.submit}
          </Button>
        </>
      }
    >
      <form id={form} className="cal-form" onSubmit={submit} noValidate>
        {block.error && <Refused error={block.error} />}
        <p className="quiet">{t.calendar.off.about}</p>
        <Field label={t.calendar.off.what} error={wrong.title}>
          {(ids) => (
            <Input
              {...ids}
              data-autofocus
              maxLength={500}
              placeholder={t.calendar.off.placeholder}
              value={title}
              onChange={(event) => setTitle(event.target.value)}
            />
          )}
        </Field>
        <Segmented
          label={t.calendar.off.span}
          value={whole}
          options={(["days", "hours"] as const).map((value) => ({ value, label: t.calendar.off.spans[value] }))}
          onChange={setWhole}
        />
        {whole === "days" ? (
          <div className="cal-two">
            <Field label={t.calendar.off.first} error={wrong.first}>
              {(ids) => (
                <Input
                  {...ids}
                  type="date"
                  value={first}
                  onChange={(event) => {
                    if (last < event.target.value) setLast(event.target.value);
                    setFirst(event.target.value);
                  }}
                />
              )}
            </Field>
            <Field label={t.calendar.off.last} error={wrong.last}>
              {(ids) => (
                <Input
                  {...ids}
                  type="date"
                  min={first}
                  value={last}
                  onChange={(event) => setLast(event.target.value)}
                />
              )}
            </Field>
          </div>
        ) : (
          <div className="cal-three">
            <Field label={t.calendar.form.date} error={wrong.first}>
              {(ids) => <Input {...ids} type="date" value={first} onChange={(event) => setFirst(event.target.value)} />}
            </Field>
            <Field label={t.calendar.off.from}>
              {(ids) => <Input {...ids} type="time" value={from} onChange={(event) => setFrom(event.target.value)} />}
            </Field>
            <Field label={t.calendar.off.to} error={wrong.to}>
              {(ids) => <Input {...ids} type="time" value={to} onChange={(event) => setTo(event.target.value)} />}
            </Field>
          </div>
        )}
      </form>
    </Dialog>
  );
}
