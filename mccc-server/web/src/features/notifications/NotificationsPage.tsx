import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { notifications as notificationsQuery, settings as settingsQuery } from "@/api/queries";
import type { SettingsDocument } from "@/api/types";
import { PageHead } from "@/frame/Frame";
import { useTitle } from "@/frame/title";
import { useCurrent } from "@/lib/business";
import { DraftNotes, SaveBar } from "@/shared/SaveBar";
import { useDraft } from "@/shared/useDraft";
import { t } from "@/strings";
import { Banner, ErrorState, Skeleton } from "@/ui/states";
import { Channels } from "./Channels";
import { Kinds } from "./Kinds";
import { Promised } from "./Promised";
import { QuietTimes } from "./QuietTimes";
import { NOTICES, mistakesIn } from "./notices";
import "./notifications.css";

export function NotificationsPage() {
  const { business } = useCurrent();
  const found = useQuery(settingsQuery(business.id));
  useTitle(t.notifications.title);
  if (found.data) return <Editor key={business.id} document={found.data} />;
  return (
    <>
      <PageHead title={t.notifications.title} lead={t.notifications.lead} />
      {found.isError ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <div className="notices" aria-busy="true">
          <Skeleton height={420} />
          <Skeleton height={320} />
        </div>
      )}
    </>
  );
}

/** The places of the settings that have a field of their own on this page. */
const OWN_FIELDS = /^\/notifications\/(text\/phone|email\/address|do_not_disturb)/;

function Editor({ document }: { document: SettingsDocument }) {
  const { business } = useCurrent();
  const state = useQuery(notificationsQuery(business.id));
  const [showMistakes, setShowMistakes] = useState(false);
  const draft = useDraft(NOTICES, document, {
    check: (value) => {
      const good = Object.keys(mistakesIn(value)).length === 0;
      setShowMistakes(!good);
      return good;
    },
  });
  const explained = draft.fields.length > 0 && draft.fields.every((one) => OWN_FIELDS.test(one.field ?? ""));
  const { email } = document.settings.profile;
  return (
    <>
      <PageHead title={t.notifications.title} lead={t.notifications.lead}>
        <SaveBar draft={draft} />
      </PageHead>
      <DraftNotes draft={draft} explained={explained} />
      {state.data?.warning && (
        <div className="notices-warning">
          <Banner tone="attention">{state.data.warning}</Banner>
        </div>
      )}
      <div className="notices">
        <div className="notices-main">
          <Channels
            draft={draft}
            showMistakes={showMistakes}
            state={state}
            profileAddress={typeof email === "string" ? email : null}
          />
          <Kinds value={draft.value} onChange={draft.change} />
        </div>
        <div className="notices-main">
          <QuietTimes draft={draft} showMistakes={showMistakes} />
          <Promised />
        </div>
      </div>
    </>
  );
}
