import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CalendarCheck, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { api, ofBusiness } from "@/api/client";
import type { OtherCalendar, OtherCalendars as Others } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { Confirm } from "@/ui/Dialog";
import { When } from "@/ui/When";
import { Button } from "@/ui/controls";
import { ErrorState, Pill, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { OtherDialog } from "./OtherDialog";
import { Refused } from "./Refused";

/** Calendars that are only read: what they hold is not offered. */
export function OtherCalendars() {
  const { business } = useCurrent();
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<OtherCalendar | null>(null);
  const path = ofBusiness(business.id, "/other-calendars");
  const key = ["other-calendars", business.id];
  const found = useQuery({ queryKey: key, queryFn: ({ signal }) => api.get<Others>(path, { signal }) });
  const changed = (now: Others) => {
    client.setQueryData(key, now);
    void client.invalidateQueries({ queryKey: ["week", business.id] });
  };
  const disconnect = useMutation({
    mutationFn: (id: string) => api.delete<Others>(`${path}/${id}`),
    onSuccess: (now) => {
      changed(now);
      toast(t.calendar.others.gone);
    },
  });
  const read = useMutation({
    mutationFn: (id: string) => api.post<Others>(`${path}/${id}/read`),
    onSuccess: changed,
  });
  const items = found.data?.items ?? [];
  return (
    <section className="part" aria-labelledby="others-heading">
      <div className="part-head">
        <h2 id="others-heading">{t.calendar.others.title}</h2>
      </div>
      <p className="quiet">{t.calendar.others.about}</p>
      {found.isPending && <Skeleton height={56} />}
      {found.isError && !found.data && <ErrorState error={found.error} onRetry={() => void found.refetch()} />}
      {items.length > 0 && (
        <ul className="cal-others">
          {items.map((one) => (
            <li key={one.id}>
              <div className="cal-other-head">
                <strong>{one.name}</strong>
                <State state={one.state} />
              </div>
              <p className="quiet">{one.address}</p>
              {one.state !== "read" && <p>{one.sentence}</p>}
              <p className="quiet">
                {t.calendar.others.lastRead}: {one.read_at ? <When at={one.read_at} /> : t.calendar.never}
              </p>
              <div className="cal-links">
                <Button
                  busy={read.isPending && read.variables === one.id}
                  aria-label={t.calendar.others.readNowNamed(one.name)}
                  onClick={() => read.mutate(one.id)}
                >
                  {t.calendar.others.readNow}
                </Button>
                <Button
                  busy={disconnect.isPending && disconnect.variables === one.id}
                  aria-label={t.calendar.others.disconnectNamed(one.name)}
                  onClick={() => setLeaving(one)}
                >
                  {t.calendar.disconnect}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      {read.error && <Refused error={read.error} />}
      {disconnect.error && <Refused error={disconnect.error} />}
      {found.data && items.length < found.data.most && (
        <div className="cal-links">
          <Button onClick={() => setAdding(true)}>{t.calendar.others.add}</Button>
        </div>
      )}
      {adding && <OtherDialog onConnected={changed} onClose={() => setAdding(false)} />}
      {leaving && (
        <Confirm
          title={t.calendar.others.disconnectAsk(leaving.name)}
          yes={t.calendar.disconnect}
          no={t.calendar.stayConnected}
          danger
          onNo={() => setLeaving(null)}
          onYes={() => {
            disconnect.mutate(leaving.id);
            setLeaving(null);
          }}
        />
      )}
    </section>
  );
}

function State({ state }: { state: OtherCalendar["state"] }) {
  if (state === "read") {
    return (
      <Pill tone="good" icon={CalendarCheck}>
        {t.calendar.others.states.read}
      </Pill>
    );
  }
  return (
    <Pill tone={state === "failing" ? "attention" : "problem"} icon={TriangleAlert}>
      {t.calendar.others.states[state]}
    </Pill>
  );
}
