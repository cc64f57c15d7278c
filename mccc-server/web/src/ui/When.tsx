import { useCurrent, useNow } from "@/lib/business";
import { clock, fullDate, relative } from "@/lib/format";
import { offsetAt } from "@/lib/zone";
import { t } from "@/strings";

/** An instant as people say it, with the exact one on hover and for screen readers. */
export function When({ at, form = "relative" }: { at: string; form?: "relative" | "clock" }) {
  const { zone } = useCurrent();
  const now = useNow();
  const instant = Date.parse(at);
  if (Number.isNaN(instant)) return null;
  const exact = t.inZone(fullDate(zone, instant), offsetAt(zone, instant).abbreviation);
  return (
    <time dateTime={at} title={exact}>
      {form === "clock" ? clock(zone, instant) : relative(zone, instant, now)}
    </time>
  );
}
