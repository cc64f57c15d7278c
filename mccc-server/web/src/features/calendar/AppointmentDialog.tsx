import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CalendarClock, Check, Phone, UserX, X } from "lucide-react";
import { useState } from "react";
import { api, ofBusiness } from "@/api/client";
import { appointment as appointmentQuery } from "@/api/queries";
import type { Appointment } from "@/api/types";
import { useCurrent, useNow } from "@/lib/business";
import { clock, dayLabel } from "@/lib/format";
import { dayOf } from "@/lib/zone";
import { t } from "@/strings";
import { Dialog } from "@/ui/Dialog";
import { Button, ButtonLink, Field, Input } from "@/ui/controls";
import { Banner, ErrorState, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { Refused } from "./Refused";
import { StatusPill } from "./StatusPill";
import { type Chosen, TimePicker, startOf } from "./TimePicker";
import { isAhead } from "./week";

/** One appointment, and what can be done with it. */
export function AppointmentDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { business } = useCurrent();
  const found = useQuery(appointmentQuery(business.id, id));
  if (found.data) return <Detail appointment={found.data} onClose={onClose} />;
  return (
    <Dialog title={t.calendar.appointment} onClose={onClose}>
      {found.isError ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <Skeleton height={200} />
      )}
    </Dialog>
  );
}

type Step = "look" | "move" | "cancel";

function Detail({ appointment, onClose }: { appointment: Appointment; onClose: () => void }) {
  const { business, zone } = useCurrent();
  const client = useQueryClient();
  const now = useNow();
  const [step, setStep] = useState<Step>("look");
  const [chosen, setChosen] = useState<Chosen>({ free: "" });
  const [mistake, setMistake] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const [tells, setTells] = useState(true);
  const path = ofBusiness(business.id, `/appointments/${encodeURIComponent(appointment.id)}`);
  const said = (at: string) => {
    const instant = Date.parse(at);
    return t.dateAt(dayLabel(dayOf(zone, instant)), clock(zone, instant));
  };

  const renew = (row: Appointment) => {
    client.setQueryData(appointmentQuery(business.id, row.id).queryKey, row);
    for (const what of ["week", "appointments"]) void client.invalidateQueries({ queryKey: [what, business.id] });
  };
  const move = useMutation({
    mutationFn: (start: string) => api.post<Appointment>(`${path}/reschedule`, { start }),
    onSuccess: (row) => {
      renew(row);
      if (row.moving_to) toast(t.calendar.moving, "info");
      else toast(t.calendar.moved(said(row.scheduled_at)));
      onClose();
    },
  });
  const cancel = useMutation({
    mutationFn: (why: string) =>
      api.post<Appointment>(`${path}/cancel`, {
        ...(why.trim() === "" ? {} : { reason: why.trim() }),
        tell_customer: tells,
      }),
    onSuccess: (row) => {
      renew(row);
      toast(t.calendar.cancelled);
      onClose();
    },
  });
  const attend = useMutation({
    mutationFn: (status: "completed" | "no_show") => api.patch<Appointment>(path, { status }),
    onSuccess: renew,
  });

  const begun = Date.parse(appointment.scheduled_at) <= now;
  const mayMove = isAhead(appointment) && !appointment.moving_to;
  const mayAttend =
    begun && !appointment.moving_to && ["scheduled", "confirmed", "completed", "no_show"].includes(appointment.status);
  const submitMove = () => {
    const start = startOf(chosen, zone);
    setMistake(start === null ? t.calendar.form.needTime : null);
    if (start !== null) move.mutate(start);
  };

  const footer =
    step === "move" ? (
      <>
        <Button onClick={() => setStep("look")}>{t.common.back}</Button>
        <Button look="primary" busy={move.isPending} onClick={submitMove}>
          {t.calendar.move}
        </Button>
      </>
    ) : step === "cancel" ? (
      <>
        <Button onClick={() => setStep("look")}>{t.calendar.keep}</Button>
        <Button look="danger" busy={cancel.isPending} onClick={() => cancel.mutate(reason)}>
          {t.calendar.cancelYes}
        </Button>
      </>
    ) : mayMove || mayAttend ? (
      <>
        {mayMove && (
          <Button look="danger" onClick={() => setStep("cancel")}>
            <X size={16} aria-hidden="true" />
            {t.calendar.cancel}
          </Button>
        )}
        {mayAttend && appointment.status !== "no_show" && (
          <Button busy={attend.isPending} onClick={() => attend.mutate("no_show")}>
            <UserX size={16} aria-hidden="true" />
            {t.calendar.noShow}
          </Button>
        )}
        {mayAttend && appointment.status !== "completed" && (
          <Button busy={attend.isPending} onClick={() => attend.mutate("completed")}>
            <Check size={16} aria-hidden="true" />
            {t.calendar.completed}
          </Button>
        )}
        {mayMove && (
          <Button look={begun ? "plain" : "primary"} onClick={() => setStep("move")}>
            <CalendarClock size={16} aria-hidden="true" />
            {t.calendar.moveTo}
          </Button>
        )}
      </>
    ) : undefined;

  return (
    <Dialog title={appointment.customer_name || t.calendar.appointment} onClose={onClose} footer={footer}>
      <p className="cal-when">
        <strong>{said(appointment.scheduled_at)}</strong>
        <span className="quiet">{t.calendar.minutes(appointment.duration_minutes)}</span>
        <StatusPill status={appointment.status} />
      </p>
      {appointment.moving_to && <Banner>{t.calendar.movingTo(said(appointment.moving_to))}</Banner>}
      {attend.error && <Refused error={attend.error} />}
      {step === "move" && (
        <>
          {move.error && <Refused error={move.error} />}
          <TimePicker chosen={chosen} error={mistake} onChange={setChosen} />
          <p className="quiet">{appointment.customer_phone ? t.calendar.moveTells : t.calendar.moveTellsNobody}</p>
        </>
      )}
      {step === "cancel" && (
        <>
          {cancel.error && <Refused error={cancel.error} />}
          <Banner tone="attention">{t.calendar.cancelAbout}</Banner>
          <Field label={t.calendar.reason}>
            {(ids) => (
              <Input {...ids} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
            )}
          </Field>
          {/* What has begun is told to nobody. */}
          {!begun && appointment.customer_phone && (
            <>
              <label className="check">
                <input type="checkbox" checked={tells} onChange={(event) => setTells(event.target.checked)} />
                {t.calendar.cancelTells}
              </label>
              <p className="quiet">{t.calendar.cancelTellsWhen}</p>
            </>
          )}
          {!begun && !appointment.customer_phone && <p className="quiet">{t.calendar.cancelTellsNobody}</p>}
        </>
      )}
      {step === "look" && <Facts appointment={appointment} />}
    </Dialog>
  );
}

function Facts({ appointment }: { appointment: Appointment }) {
  const { business } = useCurrent();
  const rows: [string, string | null][] = [
    [t.calendar.form.service, appointment.service_type],
    [t.calendar.form.location, appointment.location],
    [t.calendar.form.email, appointment.customer_email],
    [t.calendar.form.notes, appointment.notes],
    [t.calendar.source, t.calendar.sources[appointment.source] ?? appointment.source],
    [t.calendar.reminded, appointment.reminder_sent ? t.calendar.yes : null],
    [t.calendar.reason, appointment.cancellation_reason],
  ];
  return (
    <>
      <dl className="cal-facts">
        {rows
          .filter(([, words]) => words !== null && words !== "")
          .map(([label, words]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{words}</dd>
            </div>
          ))}
      </dl>
      <div className="cal-links">
        {appointment.customer_phone && (
          <ButtonLink href={`tel:${appointment.customer_phone}`}>
            <Phone size={16} aria-hidden="true" />
            {appointment.customer_phone_national ?? appointment.customer_phone}
          </ButtonLink>
        )}
        {appointment.call_id && (
          <Link
            className="button"
            data-look="link"
            to="/b/$business/calls"
            params={{ business: business.id }}
            search={{ call: appointment.call_id }}
          >
            {t.calendar.toCall}
          </Link>
        )}
        {appointment.calendar_link && (
          <ButtonLink look="link" href={appointment.calendar_link} target="_blank" rel="noreferrer">
            {t.calendar.toEvent}
            <span className="hidden-visually">{t.common.newTab}</span>
          </ButtonLink>
        )}
      </div>
    </>
  );
}
