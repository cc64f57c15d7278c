import { Check, Minus } from "lucide-react";
import { Link } from "@tanstack/react-router";
import type { TraceView } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { fullDate } from "@/lib/format";
import { t } from "@/strings";
import "./trace.css";

/** A routing decision in sentences: the rule that won first, then each that did not and why. */
export function Trace({ trace }: { trace: TraceView }) {
  const { zone } = useCurrent();
  const ordered = [...trace.candidates].sort((a, b) => Number(b.verdict === "won") - Number(a.verdict === "won"));
  return (
    <div className="trace">
      <p className="trace-sentence">{trace.sentence}</p>
      <ol>
        {ordered.map((candidate, index) => {
          const won = candidate.verdict === "won";
          const Icon = won ? Check : Minus;
          return (
            <li key={`${candidate.rule}-${index}`} data-won={won || undefined}>
              <Icon size={16} aria-hidden="true" />
              <div>
                <p>
                  <strong>{candidate.label}</strong>
                  <span className="trace-verdict">{won ? t.detail.won : t.detail.lost}</span>
                </p>
                <p className="trace-reason">{candidate.reason}</p>
                {candidate.setting && <Link to={candidate.setting}>{t.detail.change}</Link>}
              </div>
            </li>
          );
        })}
      </ol>
      {trace.zone_version && (
        <p className="quiet">
          {t.detail.decidedAt(fullDate(zone, Date.parse(trace.at)), trace.zone, trace.zone_version)}
        </p>
      )}
    </div>
  );
}
