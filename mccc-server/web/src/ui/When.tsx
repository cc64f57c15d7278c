import { useCurrent, useNow } from "@/lib/business";
import { clock, fullDate, relative, weekdayTime } from "@/lib/format";
import { offsetAt } from "@/lib/zone";
import { t } from "@/strings";

interface WhenProps {
  at: string;
  form?: "relative" | "clock" | "weekday";
  /** It stands in a link, which takes the focus and leads to the exact one. */
  linked?: boolean;
}

/** An instant as people say it, with the exact one on hover, for screen readers, and on focus or a tap. */
export function When({ at, form = "relative", linked = false }: WhenProps) {
  const { zone } = useCurrent();
  const now = useNow();
  const instant = Date.parse(at);
  if (Number.isNaN(instant)) return null;
  const exact = t.inZone(fullDate(zone, instant), offsetAt(zone, instant).abbreviation);
  const words =
    form === "clock"
      ? clock(zone, instant)
      : form === "weekday"
        ? weekdayTime(zone, instant)
        : relative(zone, instant, now);
  const opens = form === "relative" && !linked;
  return (
    <time
      dateTime={at}
      title={exact}
      className={opens ? "when" : undefined}
      tabIndex={opens ? 0 : undefined}
      data-exact={opens ? exact : undefined}
    >
      {words}
    </time>
  );
}
