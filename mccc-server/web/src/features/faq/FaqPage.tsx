import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { settings as settingsQuery } from "@/api/queries";
import type { SettingsDocument } from "@/api/types";
import { PageHead } from "@/frame/Frame";
import { useTitle } from "@/frame/title";
import { useCurrent } from "@/lib/business";
import { DraftNotes, SaveBar } from "@/shared/SaveBar";
import { useDraft } from "@/shared/useDraft";
import { t } from "@/strings";
import { Segmented } from "@/ui/controls";
import { ErrorState, Skeleton } from "@/ui/states";
import { Answering } from "./Answering";
import { Entries } from "./Entries";
import { Facts } from "./Facts";
import { TryIt } from "./TryIt";
import { KNOWLEDGE, canSave, firstWrong } from "./entries";
import "./faq.css";

const route = getRouteApi("/b/$business/faq");

export function FaqPage() {
  const { business } = useCurrent();
  const found = useQuery(settingsQuery(business.id));
  useTitle(t.faq.title);
  if (found.data) return <Editor key={business.id} document={found.data} />;
  return (
    <>
      <PageHead title={t.faq.title} lead={t.faq.lead} />
      {found.isError ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <div className="faq" aria-busy="true">
          <Skeleton height={420} />
          <Skeleton height={320} />
        </div>
      )}
    </>
  );
}

const TABS = ["entries", "try", "facts"] as const;

function Editor({ document }: { document: SettingsDocument }) {
  const { topic } = route.useSearch();
  const navigate = route.useNavigate();
  const [tab, setTab] = useState<(typeof TABS)[number]>("entries");
  const [showMistakes, setShowMistakes] = useState(false);
  const draft = useDraft(KNOWLEDGE, document, {
    check: (value) => {
      const good = canSave(value);
      setShowMistakes(!good);
      const wrong = firstWrong(value.faq);
      if (!good) setTab(wrong === null ? "facts" : "entries");
      if (wrong !== null) setOpen(wrong);
      return good;
    },
  });
  const { value, change } = draft;
  const [open, setOpen] = useState<number | null>(() => placeOf(value.faq, topic));

  // A link to an entry, as under an answer in a thread, opens it.
  useEffect(() => {
    const place = placeOf(value.faq, topic);
    if (place !== null) setOpen(place);
    // Only a new address opens something; typing into the entries does not.
  }, [topic]);

  const show = (index: number | null) => {
    setOpen(index);
    const opened = index === null ? undefined : value.faq[index]?.topic || undefined;
    void navigate({ search: { topic: opened }, replace: true, resetScroll: false });
  };

  return (
    <>
      <PageHead title={t.faq.title} lead={t.faq.lead}>
        <SaveBar draft={draft} />
      </PageHead>
      <DraftNotes draft={draft} />
      <div className="faq-tabs">
        <Segmented
          label={t.faq.title}
          value={tab}
          options={TABS.map((one) => ({ value: one, label: t.faq.tabs[one] }))}
          onChange={setTab}
        />
      </div>
      <div className="faq" data-tab={tab}>
        <div className="faq-main">
          <Entries
            faq={value.faq}
            open={open}
            showMistakes={showMistakes}
            onOpen={show}
            onChange={(faq) => change({ ...value, faq })}
          />
          <Answering
            value={value.conversation}
            onChange={(conversation) => change({ ...value, conversation })}
          />
          <Facts value={value} onChange={change} />
        </div>
        <TryIt
          knowledge={draft.dirty ? value : null}
          faq={value.faq}
          onOpen={(index) => {
            setTab("entries");
            show(index);
          }}
        />
      </div>
    </>
  );
}

function placeOf(faq: readonly { topic: string }[], topic: string | undefined): number | null {
  if (topic === undefined) return null;
  const index = faq.findIndex((entry) => entry.topic === topic);
  return index < 0 ? null : index;
}
