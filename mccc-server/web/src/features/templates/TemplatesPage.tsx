import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { settings as settingsQuery, textPreview, wordings as wordingsQuery } from "@/api/queries";
import type { SettingsDocument, TextField, Texts, Wordings } from "@/api/types";
import { PageHead } from "@/frame/Frame";
import { useTitle } from "@/frame/title";
import { useCurrent } from "@/lib/business";
import { DraftNotes, SaveBar } from "@/shared/SaveBar";
import { useDraft } from "@/shared/useDraft";
import { t } from "@/strings";
import { Select } from "@/ui/controls";
import { Banner, ErrorState, Skeleton } from "@/ui/states";
import { TextEditor } from "./TextEditor";
import { KINDS, SWITCH, TEXTS, type TextKind, changedFields, fieldOf, isKind, kindOf } from "./texts";
import "./templates.css";

const route = getRouteApi("/b/$business/templates");

export function TemplatesPage() {
  const { business } = useCurrent();
  const found = useQuery(settingsQuery(business.id));
  const wordings = useQuery(wordingsQuery(business.id));
  useTitle(t.templates.title);
  if (found.data && wordings.data) {
    return <Editor key={business.id} document={found.data} wordings={wordings.data} />;
  }
  const failed = [found, wordings].find((one) => one.isError);
  return (
    <>
      <PageHead title={t.templates.title} lead={t.templates.lead} />
      {failed ? (
        <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />
      ) : (
        <div className="templates" aria-busy="true">
          <Skeleton height={360} />
          <Skeleton height={480} />
        </div>
      )}
    </>
  );
}

/** What stands against saving, by text. */
export type Problems = Partial<Record<TextField, string[]>>;

function Editor({ document, wordings }: { document: SettingsDocument; wordings: Wordings }) {
  const { business } = useCurrent();
  const client = useQueryClient();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [problems, setProblems] = useState<Problems>({});
  const kind: TextKind = isKind(search.text) ? search.text : "auto_text";
  const hours = search.hours === "after_hours" ? "after_hours" : "business_hours";

  const show = (text: TextKind, of: typeof hours = "business_hours") =>
    void navigate({
      search: { text: text === "auto_text" ? undefined : text, hours: of === "after_hours" ? of : undefined },
      replace: true,
      resetScroll: false,
    });

  const draft = useDraft(TEXTS, document, {
    // The server says for each text what it would refuse, so that every mistake stands at its field at once.
    check: async (value) => {
      const found: Problems = {};
      await Promise.all(
        changedFields(TEXTS.read(document.settings), value).map(async (field) => {
          const shown = await client.fetchQuery(textPreview(business.id, field, value[field])).catch(() => null);
          if (shown && shown.problems.length > 0) found[field] = shown.problems;
        }),
      );
      setProblems(found);
      const [first] = Object.keys(found) as TextField[];
      if (first) show(kindOf(first), first === "auto_text_after_hours" ? "after_hours" : "business_hours");
      return first === undefined;
    },
  });
  const { value, saved, change } = draft;

  const refused: Problems = { ...problems };
  for (const one of draft.fields) {
    const field = /^\/templates\/(\w+)$/.exec(one.field ?? "")?.[1] as TextField | undefined;
    if (field) refused[field] = [...(refused[field] ?? []), one.message];
  }
  const wrong = new Set(Object.keys(refused).map((field) => kindOf(field as TextField)));
  const edited = new Set(changedFields(saved, value).map(kindOf));
  const field = fieldOf(kind, hours);
  const explained = draft.fields.some((one) => one.field?.startsWith("/templates/"));

  const write = (next: Texts) => {
    change(next);
    if (problems[field] !== undefined && next[field] !== value[field]) {
      setProblems(({ [field]: _gone, ...rest }) => rest);
    }
  };

  return (
    <>
      <PageHead title={t.templates.title} lead={t.templates.lead}>
        <SaveBar draft={draft} />
      </PageHead>
      <DraftNotes draft={draft} explained={explained} />
      {wrong.size > 0 && (
        <div className="draft-notes">
          <Banner tone="problem" alert>
            {t.templates.wrong(t.list([...wrong].map((one) => t.templates.kind[one])))}
          </Banner>
        </div>
      )}
      <div className="templates">
        <div className="templates-pick">
          <Select
            aria-label={t.templates.texts}
            value={kind}
            onChange={(event) => show(event.target.value as TextKind)}
          >
            {KINDS.map((one) => (
              <option key={one} value={one}>
                {t.templates.kind[one]}
              </option>
            ))}
          </Select>
        </div>
        <nav className="templates-list part" aria-label={t.templates.texts}>
          <ul>
            {KINDS.map((one) => {
              const off = SWITCH[one] !== undefined && !value[SWITCH[one]];
              return (
                <li key={one}>
                  <button
                    type="button"
                    className="templates-kind"
                    aria-current={one === kind ? "true" : undefined}
                    onClick={() => show(one)}
                  >
                    <span>{t.templates.kind[one]}</span>
                    {wrong.has(one) ? (
                      <span className="templates-wrong">{t.templates.mustFix}</span>
                    ) : edited.has(one) ? (
                      <span className="templates-changed">{t.templates.changed}</span>
                    ) : (
                      off && <span className="quiet">{t.common.off}</span>
                    )}
                  </button>
                </li>
              );
            })}
          </ul>
        </nav>
        <TextEditor
          kind={kind}
          hours={hours}
          texts={value}
          saved={saved}
          wordings={wordings}
          problems={refused}
          onHours={(of) => show(kind, of)}
          onChange={write}
        />
      </div>
    </>
  );
}
