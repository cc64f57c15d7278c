import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CalendarCheck, CalendarX, TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { ApiError, api, ofBusiness } from "@/api/client";
import type { CalendarConnection } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { Confirm } from "@/ui/Dialog";
import { When } from "@/ui/When";
import { Button } from "@/ui/controls";
import { Banner, ErrorState, Pill, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { CalcomDialog } from "./CalcomDialog";
import { ChooseDialog } from "./ChooseDialog";
import { Refused } from "./Refused";

/** Where appointments are written down besides here. What belongs to it and is saved with the page stands inside. */
export function Connection({ children }: { children?: ReactNode }) {
  const { business } = useCurrent();
  const client = useQueryClient();
  const [asking, setAsking] = useState<"disconnect" | "choose" | "calcom" | null>(null);
  const path = ofBusiness(business.id, "/calendar-connection");
  const key = ["calendar-connection", business.id];
  const found = useQuery({
    queryKey: key,
    // A server without calendars elsewhere has no such address: its own calendar is in use.
    queryFn: async ({ signal }): Promise<CalendarConnection | null> => {
      try {
        return await api.get<CalendarConnection>(path, { signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });
  const connect = useMutation({
    // The way back leads through the same browser, and to the page that says how it went.
    mutationFn: (replace: boolean) => api.post<{ authorize_url: string }>(`${path}/google`, { replace }),
    onSuccess: ({ authorize_url }) => window.location.assign(authorize_url),
  });
  const disconnect = useMutation({
    mutationFn: () => api.delete<CalendarConnection>(path),
    onSuccess: (now) => {
      client.setQueryData(key, now);
      void client.invalidateQueries({ queryKey: ["week", business.id] });
      void client.invalidateQueries({ queryKey: ["settings", business.id] });
      if (now.note) toast(now.note, "attention");
      else toast(t.calendar.disconnected);
    },
  });

  const connection = found.data;
  const state = connection?.state ?? "not_connected";
  const works = state === "connected";
  return (
    <section className="part" aria-labelledby="connection-heading">
      <div className="part-head">
        <h2 id="connection-heading">{t.calendar.connection}</h2>
        {found.isSuccess &&
          (state === "connected" ? (
            <Pill tone="good" icon={CalendarCheck}>
              {t.calendar.connected}
            </Pill>
          ) : state === "reconnect_needed" ? (
            <Pill tone="problem" icon={TriangleAlert}>
              {t.calendar.mustReconnect}
            </Pill>
          ) : (
            <Pill icon={CalendarX}>{t.calendar.notConnected}</Pill>
          ))}
      </div>
      {found.isPending && <Skeleton height={56} />}
      {found.isError && !connection && <ErrorState error={found.error} onRetry={() => void found.refetch()} />}
      {found.isSuccess && state !== "connected" && (
        <>
          <p>{connection?.sentence ?? t.calendar.connect}</p>
          {state !== "reconnect_needed" && <p className="quiet">{t.calendar.builtIn}</p>}
        </>
      )}
      {connection?.last_failure && (
        <Banner tone="attention">{connection.last_failure.sentence}</Banner>
      )}
      {connection && (state === "connected" || state === "reconnect_needed") && <Account connection={connection} />}
      {connect.error && <Refused error={connect.error} />}
      {disconnect.error && <Refused error={disconnect.error} />}
      {connection && (
        <div className="cal-links">
          {state !== "connected" && connection.google_available && (
            <Button
              look="primary"
              busy={connect.isPending}
              onClick={() => connect.mutate(state !== "not_connected")}
            >
              {state === "reconnect_needed" && connection.service === "google"
                ? t.calendar.reconnect
                : t.calendar.connectGoogle}
            </Button>
          )}
          {works && connection.service === "google" && (
            <Button onClick={() => setAsking("choose")}>{t.calendar.choose}</Button>
          )}
          {connection.calcom_enabled && !(works && connection.service === "calcom") && (
            <Button onClick={() => setAsking("calcom")}>{t.calendar.connectCalcom}</Button>
          )}
          {state !== "not_connected" && (
            <Button busy={disconnect.isPending} onClick={() => setAsking("disconnect")}>
              {t.calendar.disconnect}
            </Button>
          )}
        </div>
      )}
      {connection && state === "not_connected" && !connection.google_available && (
        <p className="quiet">{t.calendar.noGoogle}</p>
      )}
      {children}
      {asking === "choose" && connection && (
        <ChooseDialog connection={connection} onClose={() => setAsking(null)} />
      )}
      {asking === "calcom" && (
        <CalcomDialog replaces={state !== "not_connected"} onClose={() => setAsking(null)} />
      )}
      {asking === "disconnect" && (
        <Confirm
          title={t.calendar.disconnectAsk}
          yes={t.calendar.disconnect}
          no={t.calendar.stayConnected}
          danger
          onNo={() => setAsking(null)}
          onYes={() => {
            setAsking(null);
            disconnect.mutate();
          }}
        />
      )}
    </section>
  );
}

function Account({ connection }: { connection: CalendarConnection }) {
  return (
    <dl className="cal-facts">
      {connection.account && (
        <div>
          <dt>{t.calendar.account}</dt>
          <dd>{connection.account}</dd>
        </div>
      )}
      {connection.calendar_name && (
        <div>
          <dt>{t.calendar.calendarName}</dt>
          <dd>{connection.calendar_name}</dd>
        </div>
      )}
      {connection.conflicts.length > 0 && (
        <div>
          <dt>{t.calendar.conflicts}</dt>
          <dd>{t.calendar.furtherN(connection.conflicts.length)}</dd>
        </div>
      )}
      <div>
        <dt>{t.calendar.lastSynced}</dt>
        <dd>{connection.last_synced_at ? <When at={connection.last_synced_at} /> : t.calendar.never}</dd>
      </div>
    </dl>
  );
}
