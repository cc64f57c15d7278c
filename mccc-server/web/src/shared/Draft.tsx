import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, ofBusiness } from "@/api/client";
import type { Message } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { useKept } from "@/lib/kept";
import { LONGEST_TEXT } from "@/lib/segments";
import { t } from "@/strings";
import { Label } from "@/ui/Label";
import { Button } from "@/ui/controls";
import { Banner, sentenceOf } from "@/ui/states";

/** Where the changed words of a drafted answer are kept until they are sent or thrown away. */
const keptAt = (message: Message) => `mccc.edit.${message.id}`;

/** An answer that waits for a person: send it as it is, change it, or throw it away. */
export function Draft({ message }: { message: Message }) {
  const { business } = useCurrent();
  const client = useQueryClient();
  const [body, setBody] = useKept(keptAt(message));
  const area = useRef<HTMLTextAreaElement>(null);
  const opened = useRef(body !== null);
  const path = ofBusiness(business.id, `/drafts/${encodeURIComponent(message.id)}`);
  const done = () =>
    Promise.all(
      ["conversation", "conversations", "tasks", "calls"].map((what) =>
        client.invalidateQueries({ queryKey: [what, business.id] }),
      ),
    );
  const settled = () => setBody(null);
  const send = useMutation({
    mutationFn: () => api.post(`${path}/send`, body === null ? {} : { body }),
    onSuccess: settled,
    onSettled: done,
  });
  const discard = useMutation({ mutationFn: () => api.delete(path), onSuccess: settled, onSettled: done });
  const error = send.error ?? discard.error;

  // Whoever wants to change it goes on typing.
  const editing = body !== null;
  useEffect(() => {
    if (!editing || opened.current) return;
    opened.current = true;
    area.current?.focus({ preventScroll: true });
    area.current?.closest(".draft")?.scrollIntoView({ block: "nearest" });
  }, [editing]);

  return (
    <div className="draft">
      {body !== null && (
        <textarea
          ref={area}
          className="input"
          rows={3}
          aria-label={t.thread.draft.edit}
          value={body}
          onChange={(event) => setBody(event.target.value)}
        />
      )}
      {error !== null && (
        <Banner tone="problem" alert>
          {sentenceOf(error)}
        </Banner>
      )}
      <div className="draft-actions">
        <Button look="quiet" busy={discard.isPending} onClick={() => discard.mutate()}>
          {t.thread.draft.discard}
        </Button>
        {body === null && (
          <Button
            onClick={() => {
              opened.current = false;
              setBody(message.body);
            }}
          >
            <Label>{t.thread.draft.edit}</Label>
          </Button>
        )}
        <Button
          look="primary"
          busy={send.isPending}
          disabled={body !== null && (body.trim() === "" || Array.from(body.trim()).length > LONGEST_TEXT)}
          onClick={() => send.mutate()}
        >
          {t.thread.draft.send}
        </Button>
      </div>
    </div>
  );
}

/** The words that a person had given an answer which was then taken back: they are not lost. */
export function LeftOver({ message, onUse }: { message: Message; onUse: (body: string) => boolean }) {
  const [body, setBody] = useKept(keptAt(message));
  if (body === null || body.trim() === "" || body === message.body) return null;
  return (
    <div className="draft">
      <Banner
        actions={
          <>
            <Button onClick={() => onUse(body) && setBody(null)}>{t.thread.draft.use}</Button>
            <Button look="quiet" onClick={() => setBody(null)}>
              {t.thread.draft.discard}
            </Button>
          </>
        }
      >
        <p>{t.thread.draft.leftOver}</p>
        <p className="draft-words">{body}</p>
      </Banner>
    </div>
  );
}
