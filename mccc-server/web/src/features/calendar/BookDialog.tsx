import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { ApiError, api, ofBusiness } from "@/api/client";
import type { Appointment, BookRequest } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { clock, dayLabel, toE164 } from "@/lib/format";
import { freshKey } from "@/lib/ids";
import { dayOf } from "@/lib/zone";
import { t } from "@/strings";
import { Dialog } from "@/ui/Dialog";
import { Button, Field, Input, TextArea } from "@/ui/controls";
import { toast } from "@/ui/toast";
import { Refused } from "./Refused";
import { type Chosen, TimePicker, startOf } from "./TimePicker";

const FIELDS = ["start", "customer_name", "customer_phone", "customer_email"] as const;
type Wrong = Partial<Record<(typeof FIELDS)[number], string>>;

/** Books an appointment by hand. */
export function BookDialog(props: { at: string | null; services: readonly string[]; onClose: () => void }) {
  const { business, zone } = useCurrent();
  const client = useQueryClient();
  const form = useId();
  // The same request, sent again after an answer that was lost, books once.
  const key = useRef(freshKey());
  const [chosen, setChosen] = useState<Chosen>({ free: props.at ?? "" });
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const [email, setEmail] = useState("");
  const [service, setService] = useState("");
  const [location, setLocation] = useState("");
  const [notes, setNotes] = useState("");
  const [wrong, setWrong] = useState<Wrong>({});

  const book = useMutation({
    mutationFn: (request: BookRequest) =>
      api.post<Appointment>(ofBusiness(business.id, "/appointments"), request, {
        headers: { "idempotency-key": key.current },
      }),
    onSuccess: (made) => {
      for (const what of ["week", "appointments"]) void client.invalidateQueries({ queryKey: [what, business.id] });
      const at = Date.parse(made.scheduled_at);
      const when = t.dateAt(dayLabel(dayOf(zone, at)), clock(zone, at));
      if (made.status === "held") toast(t.calendar.form.pending, "info");
      else toast(made.customer_phone ? t.calendar.form.bookedTold(when) : t.calendar.form.booked(when));
      props.onClose();
    },
    onError: (error) => {
      // Another attempt is another request.
      if (error instanceof ApiError && error.status > 0 && error.status < 500) key.current = freshKey();
      setWrong(wrongIn(error));
    },
  });

  // The first mistake is where the person goes on.
  useEffect(() => {
    if (Object.keys(wrong).length === 0) return;
    document.getElementById(form)?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form, wrong]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const start = startOf(chosen, zone);
    const number = phone.trim() === "" ? undefined : toE164(phone);
    const found: Wrong = {};
    if (start === null) found.start = t.calendar.form.needTime;
    if (name.trim() === "") found.customer_name = t.calendar.form.needName;
    if (number === null) found.customer_phone = t.calendar.form.badPhone;
    setWrong(found);
    if (start === null || number === null || Object.keys(found).length > 0 || book.isPending) return;
    const words = (text: string) => (text.trim() === "" ? undefined : text.trim());
    book.mutate({
      start,
      customer_name: name.trim(),
      customer_phone: number,
      customer_email: words(email),
      service_type: words(service),
      location: words(location),
      notes: words(notes),
    });
  };

  return (
    <Dialog
      title={t.calendar.form.title}
      onClose={props.onClose}
      footer={
        <>
          <Button onClick={props.onClose}>{t.common.cancel}</Button>
          <Button type="submit" form={form} look="primary" busy={book.isPending}>
            {t.calendar.form.submit}
          </Button>
        </>
      }
    >
      <form id={form} className="cal-form" onSubmit={submit} noValidate>
        {book.error && Object.keys(wrongIn(book.error)).length === 0 && <Refused error={book.error} />}
        <TimePicker chosen={chosen} error={wrong.start} onChange={setChosen} />
        <Field label={t.calendar.form.name} error={wrong.customer_name}>
          {(ids) => (
            <Input
              {...ids}
              data-autofocus={props.at !== null || undefined}
              autoComplete="off"
              maxLength={500}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <div className="cal-two">
          <Field label={t.calendar.form.phone} error={wrong.customer_phone} help={t.calendar.form.phoneHelp}>
            {(ids) => (
              <Input
                {...ids}
                type="tel"
                inputMode="tel"
                autoComplete="off"
                value={phone}
                onChange={(event) => setPhone(event.target.value)}
              />
            )}
          </Field>
          <Field label={t.calendar.form.email} error={wrong.customer_email}>
            {(ids) => (
              <Input
                {...ids}
                type="email"
                autoComplete="off"
                maxLength={500}
                value={email}
                onChange={(event) => setEmail(event.target.value)}
              />
            )}
          </Field>
        </div>
        <Field label={t.calendar.form.service}>
          {(ids) => (
            <>
              <Input
                {...ids}
                list={`${form}-services`}
                maxLength={500}
                value={service}
                onChange={(event) => setService(event.target.value)}
              />
              <datalist id={`${form}-services`}>
                {props.services.map((one) => (
                  <option key={one} value={one} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        <Field label={t.calendar.form.location}>
          {(ids) => (
            <Input
              {...ids}
              autoComplete="off"
              maxLength={500}
              value={location}
              onChange={(event) => setLocation(event.target.value)}
            />
          )}
        </Field>
        <Field label={t.calendar.form.notes}>
          {(ids) => (
            <TextArea
              {...ids}
              rows={2}
              maxLength={500}
              value={notes}
              onChange={(event) => setNotes(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}

/** The mistakes that have a field of this form. */
function wrongIn(error: Error): Wrong {
  const found: Wrong = {};
  if (!(error instanceof ApiError) || error.status !== 422) return found;
  for (const field of FIELDS) {
    const mistake = error.fields.find((one) => one.field === `/${field}`);
    if (mistake) found[field] = mistake.message;
  }
  return found;
}
