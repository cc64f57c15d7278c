import { useCurrent } from "@/lib/business";
import { fullDate } from "@/lib/format";
import { t } from "@/strings";
import { Confirm } from "@/ui/Dialog";
import { Label } from "@/ui/Label";
import { Button } from "@/ui/controls";
import { Banner, sentenceOf } from "@/ui/states";
import type { Draft } from "./useDraft";
import "./draft.css";

/** Whether there is something to save, and the button that does. Belongs into the head of a page. */
export function SaveBar<T>({ draft }: { draft: Draft<T> }) {
  const { zone } = useCurrent();
  return (
    <>
      <p className="draft-state" role="status">
        {draft.dirty ? t.draft.unsaved : t.draft.lastSaved(fullDate(zone, Date.parse(draft.savedAt)))}
      </p>
      {draft.dirty && (
        <Button look="link" onClick={draft.discard}>
          {t.draft.discard}
        </Button>
      )}
      <div className="draft-place" data-dirty={draft.dirty || undefined}>
        <Button look="primary" disabled={!draft.dirty && !draft.justSaved} busy={draft.saving} onClick={draft.save}>
          {draft.dirty && !draft.saving && <span className="draft-dot" aria-hidden="true" />}
          {draft.saving ? (
            t.draft.saving
          ) : draft.justSaved && !draft.dirty ? (
            <Label>{t.draft.saved}</Label>
          ) : (
            t.draft.save
          )}
        </Button>
      </div>
    </>
  );
}

/** What a person must know about their edits, and the question before they are lost. */
export function DraftNotes<T>({ draft, explained = false }: { draft: Draft<T>; explained?: boolean }) {
  const { session, business } = useCurrent();
  const role = session.businesses.find((one) => one.id === business.id)?.role;
  return (
    <div className="draft-notes">
      {role !== undefined && role !== "owner" && role !== "manager" && <Banner>{t.draft.readOnly}</Banner>}
      {draft.stale && (
        <Banner
          tone="attention"
          alert
          actions={
            <>
              <Button onClick={draft.loadTheirs}>{t.draft.loadTheirs}</Button>
              <Button onClick={draft.saveMine}>{t.draft.saveMine}</Button>
            </>
          }
        >
          {t.draft.stale}
        </Banner>
      )}
      {draft.error && !explained && (
        <Banner tone="problem" alert>
          {t.draft.failed(sentenceOf(draft.error))}
        </Banner>
      )}
      {draft.restored && (
        <Banner actions={<Button onClick={draft.discard}>{t.draft.discard}</Button>}>{t.draft.restored}</Banner>
      )}
      {draft.leaving && (
        <Confirm
          title={t.draft.leave}
          yes={t.draft.leaveYes}
          no={t.draft.leaveNo}
          danger
          onNo={draft.leaving.stay}
          onYes={draft.leaving.leave}
        />
      )}
    </div>
  );
}
