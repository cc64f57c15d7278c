import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CalendarPlus, Trash2 } from "lucide-react";
import { api, ofBusiness } from "@/api/client";
import { useCurrent, useNow } from "@/lib/business";
import { dayLabel } from "@/lib/format";
import { t } from "@/strings";
import { type Anchor, Dialog } from "@/ui/Dialog";
import { Button } from "@/ui/controls";
import { Banner, sentenceOf } from "@/ui/states";
import { toast } from "@/ui/toast";
import { type Item, asSentence, timesOf } from "./week";

type Blocked = Extract<Item, { kind: "taken" | "closed" | "blocked" }>;

interface Props {
  item: Blocked;
  anchor: Anchor;
  onClose: () => void;
  onBook: (at: string) => void;
  onSettings: () => void;
}

/** Why nothing can be booked there, and what to do about it. */
export function WhyNotDialog({ item, anchor, onClose, onBook, onSettings }: Props) {
  const { business, zone } = useCurrent();
  const client = useQueryClient();
  const now = useNow();
  const unblock = useMutation({
    mutationFn: (id: string) => api.delete(ofBusiness(business.id, `/blocked-times/${encodeURIComponent(id)}`)),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["week", business.id] });
      void client.invalidateQueries({ queryKey: ["blocked", business.id] });
      toast(t.calendar.unblocked);
      onClose();
    },
  });
  const times = timesOf(zone, item);
  const title = item.kind === "blocked" ? item.time.title : t.calendar.notBookable;
  const over = Date.parse(item.end) <= now;
  // A person may break the hours, the notice and the most of a day; what is there already they may not.
  const taken =
    item.kind !== "blocked" && item.stretch.why_not.some((why) => why.code === "busy" || why.code === "buffer");
  const mayBook = item.kind === "closed" && !taken && !over;
  return (
    <Dialog
      title={title}
      anchor={anchor}
      onClose={onClose}
      className="cal-why"
      footer={
        item.kind === "blocked" ? (
          <Button look="danger" busy={unblock.isPending} onClick={() => unblock.mutate(item.time.id)}>
            <Trash2 size={16} aria-hidden="true" />
            {t.calendar.unblock}
          </Button>
        ) : (
          <>
            <Button look="link" onClick={onSettings}>
              {t.calendar.changeRules}
            </Button>
            {mayBook && (
              <Button onClick={() => onBook(later(item.start, now))}>
                <CalendarPlus size={16} aria-hidden="true" />
                {t.calendar.bookAnyway}
              </Button>
            )}
          </>
        )
      }
    >
      <p className="quiet">{t.list([dayLabel(item.day), times])}</p>
      {item.kind !== "blocked" && (
        <ul className="cal-reasons">
          {item.stretch.why_not.map((why) => (
            <li key={why.code}>{asSentence(why.sentence)}</li>
          ))}
        </ul>
      )}
      {unblock.isError && <Banner tone="problem">{sentenceOf(unblock.error)}</Banner>}
    </Dialog>
  );
}

/** The start of a stretch, or the next quarter of an hour where it has begun. */
function later(start: string, now: number): string {
  const quarter = 15 * 60_000;
  return new Date(Math.max(Date.parse(start), Math.ceil(now / quarter) * quarter)).toISOString();
}
