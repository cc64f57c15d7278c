import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { health } from "@/api/queries";
import type { CheckState, HealthSummary } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { type Anchor, Dialog } from "@/ui/Dialog";
import { When } from "@/ui/When";
import { ErrorState, TONE_ICONS } from "@/ui/states";

/** The worst of all checks. */
export function worst(summary: HealthSummary): CheckState {
  const order: CheckState[] = ["problem", "attention", "good"];
  return order.find((state) => summary.checks.some((check) => check.state === state)) ?? "good";
}

/** The dot that tells whether everything works, and the list behind it. */
export function StatusButton() {
  const { business } = useCurrent();
  const summary = useQuery(health(business.id));
  const [anchor, setAnchor] = useState<Anchor | null>(null);
  const close = useCallback(() => setAnchor(null), []);
  const state = summary.isError ? "problem" : summary.data ? worst(summary.data) : null;
  const words =
    state === null
      ? t.status.unknown
      : summary.isError
        ? t.status.unreachable
        : { good: t.status.allGood, attention: t.status.attention, problem: t.status.problem }[state];
  return (
    <>
      <button
        type="button"
        className="rail-link rail-status"
        aria-haspopup="dialog"
        onClick={(event) => {
          setAnchor(event.currentTarget.getBoundingClientRect());
          void summary.refetch();
        }}
      >
        <span className="status-dot" data-state={state ?? undefined} aria-hidden="true" />
        <span className="rail-long">{words}</span>
        <span className="hidden-visually rail-short-only">{words}</span>
      </button>
      {anchor && (
        <Dialog title={t.status.title} onClose={close} anchor={anchor}>
          {summary.data ? (
            <ul className="checks">
              {summary.data.checks.map((check) => {
                const Icon = TONE_ICONS[check.state];
                return (
                  <li key={check.key}>
                    <Icon size={18} className={`tone-${check.state}`} aria-hidden="true" />
                    <div>
                      <h3>
                        {t.status.key[check.key] ?? check.key}
                        <span className="hidden-visually">: {t.status.state[check.state]}</span>
                      </h3>
                      <p>{check.sentence}</p>
                      <p className="quiet">
                        {check.last_proof_at ? (
                          <>
                            {t.status.proof}{" "}
                            <When at={check.last_proof_at} />
                          </>
                        ) : (
                          t.status.noProof
                        )}
                      </p>
                      {check.fix_href && check.state !== "good" && (
                        <Link {...placeOf(check.fix_href)} onClick={close}>
                          {t.status.fix}
                        </Link>
                      )}
                    </div>
                  </li>
                );
              })}
            </ul>
          ) : summary.isError ? (
            <ErrorState error={summary.error} onRetry={() => void summary.refetch()} />
          ) : (
            <p>{t.common.loading}</p>
          )}
        </Dialog>
      )}
    </>
  );
}

/** Where a link of the server leads: the router takes what stands behind the question mark by itself. */
function placeOf(href: string) {
  const [to = "", query = ""] = href.split("?");
  return { to, search: Object.fromEntries(new URLSearchParams(query)) };
}
