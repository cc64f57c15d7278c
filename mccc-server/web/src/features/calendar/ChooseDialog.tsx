import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { ApiError, api, ofBusiness } from "@/api/client";
import type { CalendarChoice, CalendarConnection } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { Dialog } from "@/ui/Dialog";
import { Button } from "@/ui/controls";
import { Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { Refused } from "./Refused";
import { type Choice, book, inTheWay, present } from "./choice";

/**
 * Chooses among the calendars of the connected account: one is booked, others may be in the way. Or has one created for
 * appointments alone, which Google may have to be asked for first.
 */
export function ChooseDialog(props: { connection: CalendarConnection; onClose: () => void }) {
  const { connection, onClose } = props;
  const { business } = useCurrent();
  const client = useQueryClient();
  const id = useId();
  const [edited, setEdited] = useState<Choice | null>(null);
  const [anew, setAnew] = useState(false);
  const [missing, setMissing] = useState(false);
  const path = ofBusiness(business.id, "/calendar-connection");
  const found = useQuery({
    queryKey: ["calendar-connection", business.id, "calendars"],
    queryFn: async ({ signal }) => (await api.get<{ items: CalendarChoice[] }>(`${path}/calendars`, { signal })).items,
    // What the account has is asked of the service, each time somebody wants to choose.
    staleTime: 0,
    retry: false,
  });
  const done = (now: CalendarConnection) => {
    client.setQueryData(["calendar-connection", business.id], now);
    for (const what of ["week", "settings"]) void client.invalidateQueries({ queryKey: [what, business.id] });
    toast(t.calendar.chosen(now.calendar_name ?? ""));
    onClose();
  };
  const save = useMutation({
    mutationFn: (choice: { calendar_id: string; conflicts: string[] }) => api.put<CalendarConnection>(path, choice),
    onSuccess: done,
  });
  const create = useMutation({
    // Nothing where the permission is missing: Google's page is where it is given, and where this goes on.
    mutationFn: async (): Promise<CalendarConnection | null> => {
      try {
        return await api.post<CalendarConnection>(`${path}/calendars`);
      } catch (error) {
        if (!(error instanceof ApiError && error.code === "permission_needed")) throw error;
      }
      const begun = await api.post<{ authorize_url: string }>(`${path}/google`, { new_calendar: true });
      window.location.assign(begun.authorize_url);
      return null;
    },
    onSuccess: (now) => {
      if (now) done(now);
    },
  });

  const offered = found.data ?? [];
  const choice = edited ?? present(offered, connection.calendar_id, connection.conflicts);
  const wrong = save.error instanceof ApiError ? save.error.fields : [];
  const at = (field: string) => wrong.find((one) => one.field === field)?.message;
  const bookedError = missing && choice.booked === null ? t.calendar.mustChoose : at("/calendar_id");
  const change = (next: Choice) => {
    setEdited(next);
    setAnew(false);
    save.reset();
    create.reset();
  };
  const chooseNew = () => {
    setAnew(true);
    setMissing(false);
    save.reset();
  };
  const send = () => {
    if (anew) {
      create.mutate();
      return;
    }
    setMissing(choice.booked === null);
    if (choice.booked !== null) save.mutate({ calendar_id: choice.booked, conflicts: choice.conflicts });
  };
  return (
    <Dialog
      title={t.calendar.choose}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button
            look="primary"
            disabled={!found.isSuccess}
            busy={save.isPending || create.isPending || create.data === null}
            onClick={send}
          >
            {anew ? t.calendar.newCalendarSave : t.calendar.chooseSave}
          </Button>
        </>
      }
    >
      {found.isPending && <Skeleton height={120} />}
      {found.isError && (
        <>
          <Refused error={found.error} />
          <Button busy={found.isFetching} onClick={() => void found.refetch()}>
            {t.common.retry}
          </Button>
        </>
      )}
      {found.isSuccess && (
        <>
          <fieldset className="cal-pick" aria-describedby={bookedError ? `${id}-booked` : undefined}>
            <legend>{t.calendar.booked}</legend>
            {offered.map((one) => (
              <label key={one.id} className="check">
                <input
                  type="radio"
                  name={`${id}-calendar`}
                  checked={!anew && choice.booked === one.id}
                  disabled={!one.bookable}
                  onChange={() => change(book(offered, choice, one.id))}
                />
                <span>
                  {one.name}
                  {!one.bookable ? (
                    <span className="quiet">{t.calendar.readOnly}</span>
                  ) : (
                    one.primary && <span className="quiet">{t.calendar.primary}</span>
                  )}
                </span>
              </label>
            ))}
            {connection.service === "google" && (
              <label className="check">
                <input type="radio" name={`${id}-calendar`} checked={anew} onChange={chooseNew} />
                <span>
                  {t.calendar.newCalendar}
                  <span className="quiet">{t.calendar.newCalendarHelp}</span>
                </span>
              </label>
            )}
          </fieldset>
          {anew && <p className="quiet">{t.calendar.newCalendarKeeps(connection.calendar_name)}</p>}
          {bookedError && (
            <p id={`${id}-booked`} className="field-error" role="alert">
              {bookedError}
            </p>
          )}
          {!anew && offered.some((one) => one.id !== choice.booked) && (
            <fieldset className="cal-pick">
              <legend>{t.calendar.conflictsAsk}</legend>
              {offered
                .filter((one) => one.id !== choice.booked)
                .map((one) => (
                  <label key={one.id} className="check">
                    <input
                      type="checkbox"
                      checked={choice.conflicts.includes(one.id)}
                      onChange={(event) => change(inTheWay(offered, choice, one.id, event.target.checked))}
                    />
                    {one.name}
                  </label>
                ))}
            </fieldset>
          )}
          {at("/conflicts") && (
            <p className="field-error" role="alert">
              {at("/conflicts")}
            </p>
          )}
          {save.error && wrong.length === 0 && <Refused error={save.error} />}
          {anew && create.error && <Refused error={create.error} />}
        </>
      )}
    </Dialog>
  );
}
