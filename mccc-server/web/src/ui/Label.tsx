import {
  Ban,
  Bot,
  CalendarDays,
  Check,
  CircleCheck,
  CircleX,
  Hourglass,
  type LucideIcon,
  MessageSquareText,
  Moon,
  Pencil,
  Smile,
  TriangleAlert,
  Voicemail,
  X,
  Zap,
} from "lucide-react";
import type { ReactNode } from "react";

// The catalogue's sentences open with emoji, which look different everywhere and are missing on some machines. On the
// page the same sign comes from our icon set.
const SIGNS: Record<string, LucideIcon> = {
  "🤖": Bot,
  "💬": MessageSquareText,
  "📩": Voicemail,
  "🚫": Ban,
  "📅": CalendarDays,
  "✏": Pencil,
  "⚡": Zap,
  "🌙": Moon,
  "⚠": TriangleAlert,
  "✅": CircleCheck,
  "❌": CircleX,
  "⏳": Hourglass,
  "✓": Check,
  "✗": X,
  "😊": Smile,
};

/** The signs a sentence opens with, and the rest of it. */
export function splitSigns(text: string): { signs: string[]; rest: string } {
  const signs: string[] = [];
  let rest = text;
  for (;;) {
    const sign = Object.keys(SIGNS).find((key) => rest.startsWith(key));
    if (sign === undefined) return { signs, rest: rest.trimStart() };
    signs.push(sign);
    rest = rest.slice(sign.length).replace(/^\ufe0f/, "");
  }
}

/** A sentence of the catalogue, with the signs it opens with drawn as icons. */
export function Label({ children, size = 16 }: { children: string; size?: number }): ReactNode {
  const { signs, rest } = splitSigns(children);
  if (signs.length === 0) return children;
  return (
    <>
      <span className="emoji" aria-hidden="true">
        {signs.map((sign) => {
          const Icon = SIGNS[sign];
          return Icon ? <Icon key={sign} size={size} /> : null;
        })}
      </span>
      {rest}
    </>
  );
}
