import { useQuery } from "@tanstack/react-query";
import { CalendarCheck, CalendarX } from "lucide-react";
import { ApiError, api, ofBusiness } from "@/api/client";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { When } from "@/ui/When";
import { Banner, ErrorState, Pill, Skeleton } from "@/ui/states";

/** What a calendar elsewhere says of itself; what it does not say is left out. */
interface CalendarConnection {
  state: string;
  provider?: string | null;
  account_email?: string | null;
  calendar_name?: string | null;
  last_synced_at?: string | null;
}

/** Where appointments are written down besides here. */
export function Connection() {
  const { business } = useCurrent();
  const found = useQuery({
    queryKey: ["calendar-connection", business.id],
    // A server without calendars elsewhere has no such address: its own calendar is in use.
    queryFn: async ({ signal }): Promise<CalendarConnection | null> => {
      try {
        return await api.get<CalendarConnection>(ofBusiness(business.id, "/calendar-connection"), { signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });
  const connection = found.data;
  const connected = connection?.state === "connected" || connection?.state === "active";
  return (
    <section className="part" aria-labelledby="connection-heading">
      <div className="part-head">
        <h2 id="connection-heading">{t.calendar.connection}</h2>
        {found.isSuccess &&
          (connected ? (
            <Pill tone="good" icon={CalendarCheck}>
              {t.calendar.connected}
            </Pill>
          ) : (
            <Pill icon={CalendarX}>{t.calendar.notConnected}</Pill>
          ))}
      </div>
      {found.isPending && <Skeleton height={56} />}
      {found.isError && <ErrorState error={found.error} onRetry={() => void found.refetch()} />}
      {found.isSuccess && !connected && (
        <>
          <p>{t.calendar.connect}</p>
          <p className="quiet">{t.calendar.builtIn}</p>
        </>
      )}
      {connection && connected && (
        <dl className="cal-facts">
          {connection.account_email && (
            <div>
              <dt>{t.calendar.account}</dt>
              <dd>{connection.account_email}</dd>
            </div>
          )}
          {connection.calendar_name && (
            <div>
              <dt>{t.calendar.calendarName}</dt>
              <dd>{connection.calendar_name}</dd>
            </div>
          )}
          {connection.last_synced_at && (
            <div>
              <dt>{t.calendar.lastSynced}</dt>
              <dd>
                <When at={connection.last_synced_at} />
              </dd>
            </div>
          )}
        </dl>
      )}
      {connection && !connected && connection.state === "reconnect_required" && (
        <Banner tone="problem">{t.calendar.reconnect}</Banner>
      )}
    </section>
  );
}
