import { X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { t } from "@/strings";
import { Label } from "./Label";
import { Button } from "./controls";
import { TONE_ICONS, type Tone } from "./states";

interface Toast {
  id: number;
  text: string;
  tone: Tone;
  action?: { label: string; run: () => void };
}

let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function dismiss(id: number): void {
  change(toasts.filter((one) => one.id !== id));
}

/** Says something that happened away from where the person is looking. Toasts with an action stay longer. */
export function toast(text: string, tone: Tone = "good", action?: Toast["action"]): void {
  const id = nextId;
  nextId += 1;
  change([...toasts.slice(-2), { id, text, tone, action }]);
  setTimeout(() => dismiss(id), action ? 10_000 : 5_000);
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((one) => {
        const Icon = TONE_ICONS[one.tone];
        return (
          <div key={one.id} className="toast">
            <Icon size={18} className={`tone-${one.tone}`} aria-hidden="true" />
            <p>
              <Label>{one.text}</Label>
            </p>
            {one.action && (
              <Button
                look="link"
                onClick={() => {
                  one.action?.run();
                  dismiss(one.id);
                }}
              >
                {one.action.label}
              </Button>
            )}
            <Button look="quiet" iconOnly aria-label={t.common.close} onClick={() => dismiss(one.id)}>
              <X size={16} aria-hidden="true" />
            </Button>
          </div>
        );
      })}
    </div>
  );
}
