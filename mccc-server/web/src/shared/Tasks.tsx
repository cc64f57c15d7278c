import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, CircleAlert, CircleCheck, Siren } from "lucide-react";
import { api, ofBusiness } from "@/api/client";
import type { CallDetail, Page, Task } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { When } from "@/ui/When";
import { Button } from "@/ui/controls";
import { toast } from "@/ui/toast";
import { inOrder, isUrgent } from "./tasks";
import "./tasks.css";

/** What is owed to a caller, and a way to say that it is done. */
export function Tasks({ tasks }: { tasks: readonly Task[] }) {
  if (tasks.length === 0) return null;
  return (
    <section className="tasks" aria-label={t.detail.tasks}>
      {inOrder(tasks).map((task) => (
        <TaskLine key={task.id} task={task} />
      ))}
    </section>
  );
}

function TaskLine({ task }: { task: Task }) {
  const { business } = useCurrent();
  const client = useQueryClient();
  const done = useMutation({
    mutationFn: () => api.post(ofBusiness(business.id, `/tasks/${encodeURIComponent(task.id)}/done`)),
    onMutate: () => {
      const done_at = new Date().toISOString();
      const tick = (one: Task) => (one.id === task.id ? { ...one, done_at } : one);
      client.setQueriesData<CallDetail>({ queryKey: ["call", business.id] }, (now) =>
        now ? { ...now, tasks: now.tasks.map(tick) } : now,
      );
      client.setQueriesData<Page<Task>>({ queryKey: ["tasks", business.id] }, (now) =>
        now ? { ...now, items: now.items.map(tick) } : now,
      );
    },
    // What is asked again takes a mark back that was made too early.
    onError: () => toast(t.errors.unknown, "problem"),
    onSettled: () =>
      Promise.all(
        ["call", "calls", "tasks", "totals", "promises"].map((what) =>
          client.invalidateQueries({ queryKey: [what, business.id] }),
        ),
      ),
  });
  const Icon = task.done_at ? CircleCheck : isUrgent(task) ? Siren : CircleAlert;
  return (
    <div className="task" data-done={task.done_at ? "" : undefined} data-urgent={isUrgent(task) || undefined}>
      <Icon size={18} aria-hidden="true" />
      <div>
        <p>{task.sentence}</p>
        <p className="quiet">
          {task.done_at ? (
            <>
              {t.detail.taskWasDone} <When at={task.done_at} />
            </>
          ) : (
            <When at={task.raised_at} />
          )}
        </p>
      </div>
      {!task.done_at && (
        <Button busy={done.isPending} onClick={() => done.mutate()}>
          <Check size={16} aria-hidden="true" />
          {t.detail.taskDone}
        </Button>
      )}
    </div>
  );
}
