import { Ban, Bot, type LucideIcon, MessageSquareText, Voicemail } from "lucide-react";
import type { Method } from "@/api/types";
import { t } from "@/strings";

export const METHOD_ICONS: Record<Method, readonly LucideIcon[]> = {
  ai_voice: [Bot],
  auto_text_only: [MessageSquareText],
  both: [Bot, MessageSquareText],
  voicemail: [Voicemail],
  off: [Ban],
};

export function MethodIcons({ method, size = 15 }: { method: Method; size?: number }) {
  return METHOD_ICONS[method].map((Icon, index) => <Icon key={index} size={size} aria-hidden="true" />);
}

/** A method's icons on its colour, and its name. */
export function MethodBadge({ method, bare = false }: { method: Method; bare?: boolean }) {
  return (
    <span className="method">
      <span className="method-chip" data-method={method}>
        <MethodIcons method={method} />
      </span>
      <span className={bare ? "hidden-visually" : undefined}>{t.method.name[method]}</span>
    </span>
  );
}
