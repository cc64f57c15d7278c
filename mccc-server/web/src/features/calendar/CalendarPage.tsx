import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { CalendarOff, CalendarPlus, ChevronLeft, ChevronRight } from "lucide-react";
import { useCallback, useState } from "react";
import { settings as settingsQuery } from "@/api/queries";
import type { SettingsDocument } from "@/api/types";
import { PageHead } from "@/frame/Frame";
import { useTitle } from "@/frame/title";
import { useCurrent, useNow } from "@/lib/business";
import { monthDay } from "@/lib/format";
import { addDays, dayOf } from "@/lib/zone";
import { DraftNotes, SaveBar } from "@/shared/SaveBar";
import { useDraft } from "@/shared/useDraft";
import { t } from "@/strings";
import { Button, Segmented } from "@/ui/controls";
import { ErrorState, Skeleton } from "@/ui/states";
import { AppointmentDialog } from "./AppointmentDialog";
import { Appointments } from "./Appointments";
import { BlockDialog } from "./BlockDialog";
import { BookDialog } from "./BookDialog";
import { BookingSettings } from "./BookingSettings";
import { WeekView } from "./WeekView";
import { BOOKING, mistakesIn, weekOf } from "./week";
import "./calendar.css";

const route = getRouteApi("/b/$business/calendar");
const TABS = ["week", "list", "settings"] as const;
export type CalendarTab = (typeof TABS)[number];

export function CalendarPage() {
  const { business } = useCurrent();
  const found = useQuery(settingsQuery(business.id));
  useTitle(t.calendar.title);
  if (found.data) return <Calendar key={business.id} document={found.data} />;
  return (
    <>
      <PageHead title={t.calendar.title} lead={t.calendar.lead} />
      {found.isError ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <div aria-busy="true">
          <Skeleton height={600} />
        </div>
      )}
    </>
  );
}

type Asking = { kind: "book"; at: string | null } | { kind: "block"; day: string };

function Calendar({ document }: { document: SettingsDocument }) {
  const { zone } = useCurrent();
  const now = useNow();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [asking, setAsking] = useState<Asking | null>(null);
  const [showMistakes, setShowMistakes] = useState(false);
  const draft = useDraft(BOOKING, document, {
    check: (value) => {
      const good = Object.keys(mistakesIn(value, t.calendar.wrong)).length === 0;
      setShowMistakes(!good);
      return good;
    },
  });

  const tab: CalendarTab = TABS.find((one) => one === search.tab) ?? "week";
  const monday = weekOf(zone, now, search.week);
  const present = weekOf(zone, now, undefined);
  const go = (to: string) =>
    void navigate({ search: (old) => ({ ...old, week: to === present ? undefined : to }), resetScroll: false });
  const open = useCallback(
    (appointment: string | undefined) =>
      void navigate({ search: (old) => ({ ...old, open: appointment }), resetScroll: false }),
    [navigate],
  );
  const close = useCallback(() => setAsking(null), []);

  return (
    <>
      <PageHead title={t.calendar.title} lead={t.calendar.lead}>
        {(tab === "settings" || draft.dirty) && <SaveBar draft={draft} />}
        {tab !== "settings" && (
          <>
            <Button onClick={() => setAsking({ kind: "block", day: dayOf(zone, now) })}>
              <CalendarOff size={16} aria-hidden="true" />
              {t.calendar.block}
            </Button>
            <Button look="primary" onClick={() => setAsking({ kind: "book", at: null })}>
              <CalendarPlus size={16} aria-hidden="true" />
              {t.calendar.book}
            </Button>
          </>
        )}
      </PageHead>
      <DraftNotes draft={draft} explained={draft.fields.length > 0 && tab === "settings"} />
      <div className="cal-bar">
        <Segmented
          label={t.calendar.title}
          value={tab}
          options={TABS.map((value) => ({ value, label: t.calendar.tabs[value] }))}
          onChange={(value) =>
            void navigate({
              search: (old) => ({ ...old, tab: value === "week" ? undefined : value }),
              resetScroll: false,
            })
          }
        />
        {tab === "week" && (
          <div className="cal-weeks">
            <Button look="quiet" iconOnly aria-label={t.calendar.previous} onClick={() => go(addDays(monday, -7))}>
              <ChevronLeft size={18} aria-hidden="true" />
            </Button>
            <Button onClick={() => go(present)} disabled={monday === present}>
              {t.calendar.thisWeek}
            </Button>
            <Button look="quiet" iconOnly aria-label={t.calendar.next} onClick={() => go(addDays(monday, 7))}>
              <ChevronRight size={18} aria-hidden="true" />
            </Button>
            <p className="cal-range" role="status">
              {t.span(monthDay(monday), monthDay(addDays(monday, 6)))}
            </p>
          </div>
        )}
      </div>
      {tab === "week" && (
        <WeekView
          monday={monday}
          onWeek={(day) => go(weekOf(zone, now, day))}
          onBook={(at) => setAsking({ kind: "book", at })}
          onOpen={open}
          onSettings={() => void navigate({ search: (old) => ({ ...old, tab: "settings" }) })}
        />
      )}
      {tab === "list" && <Appointments onOpen={open} onBook={() => setAsking({ kind: "book", at: null })} />}
      {tab === "settings" && <BookingSettings draft={draft} settings={document.settings} showMistakes={showMistakes} />}
      {asking?.kind === "book" && (
        <BookDialog at={asking.at} services={document.settings.profile.services ?? []} onClose={close} />
      )}
      {asking?.kind === "block" && <BlockDialog day={asking.day} onClose={close} />}
      {search.open !== undefined && <AppointmentDialog id={search.open} onClose={() => open(undefined)} />}
    </>
  );
}
