import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { api, ofBusiness } from "@/api/client";
import { tasks as tasksQuery } from "@/api/queries";
import type { Task } from "@/api/types";
import { useCurrent, useNow } from "@/lib/business";
import { t } from "@/strings";
import { When } from "@/ui/When";
import { Button, CopyButton } from "@/ui/controls";
import "./codes.css";

/** No phone company takes a code that is older. */
const LASTS_MS = 24 * 3_600_000;

/** The codes among the open tasks that can still be of use, the newest first. */
export function usable(tasks: readonly Task[], now: number): Task[] {
  return tasks.filter((task) => task.code !== null && now - Date.parse(task.raised_at) < LASTS_MS).toReversed();
}

/** Verification codes that phone companies sent to the forwarding number. */
export function Codes() {
  const { business } = useCurrent();
  const now = useNow();
  const codes = usable(useQuery(tasksQuery(business.id)).data?.items ?? [], now);
  return (
    <div className="codes" aria-live="polite">
      {codes.map((task) => (
        <Code key={task.id} task={task} />
      ))}
    </div>
  );
}

function Code({ task }: { task: Task }) {
  const { business } = useCurrent();
  const client = useQueryClient();
  const done = useMutation({
    mutationFn: () => api.post(ofBusiness(business.id, `/tasks/${encodeURIComponent(task.id)}/done`)),
    onSettled: () => client.invalidateQueries({ queryKey: tasksQuery(business.id).queryKey }),
  });
  const code = task.code ?? "";
  return (
    <div className="code-card" role="group" aria-label={t.codes.title}>
      <KeyRound size={20} aria-hidden="true" />
      <div className="code-words">
        <p className="code-title">{t.codes.title}</p>
        <p className="quiet">
          {t.codes.about} <When at={task.raised_at} />
        </p>
        <p className="quiet">{task.sentence.slice(task.sentence.indexOf("\u201c"))}</p>
      </div>
      <strong className="code-digits">{code}</strong>
      <div className="code-actions">
        <CopyButton text={code} label={t.codes.copy(code)} />
        <Button look="quiet" busy={done.isPending} onClick={() => done.mutate()}>
          {t.codes.done}
        </Button>
      </div>
    </div>
  );
}
