import { useEffect, useRef } from "react";
import { ApiError } from "@/api/client";
import { t } from "@/strings";
import { Banner, sentenceOf } from "@/ui/states";
import { asSentence } from "./week";

/** Why a time was not booked, with every rule that stands against it. Comes into view where it is out of sight. */
export function Refused({ error }: { error: Error }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.scrollIntoView({ block: "nearest" }), [error]);
  const reasons = error instanceof ApiError && error.code === "time_not_free" ? error.fields : [];
  const said =
    error instanceof ApiError && error.message !== "" && error.status < 503 ? error.message : sentenceOf(error);
  return (
    <div ref={place}>
      <Banner tone="problem" alert>
        <p>{said}</p>
        {reasons.length > 0 && (
          <ul className="cal-reasons" aria-label={t.calendar.notBookable}>
            {reasons.map((one) => (
              <li key={one.message}>{asSentence(one.message)}</li>
            ))}
          </ul>
        )}
      </Banner>
    </div>
  );
}
