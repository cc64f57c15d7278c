import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import {
  BellRing,
  CalendarClock,
  LogOut,
  type LucideIcon,
  MessageCircleQuestion,
  MessageSquareQuote,
  MoonStar,
  PhoneIncoming,
  Search,
  Sun,
} from "lucide-react";
import { useDeferredValue, useEffect, useId, useRef, useState } from "react";
import { api, ofBusiness } from "@/api/client";
import type { CallRow, Page } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { clock, dayName } from "@/lib/format";
import { applyTheme } from "@/lib/theme";
import { dayOf } from "@/lib/zone";
import { t } from "@/strings";
import { Dialog } from "@/ui/Dialog";
import type { PageLink } from "./pages";

interface Item {
  id: string;
  group: string;
  icon: LucideIcon;
  text: string;
  detail?: string;
  run: () => void;
}

const p = t.palette.sections;
const BOOKING = { to: "/b/$business/calendar", search: { tab: "settings" }, icon: CalendarClock } as const;
const NOTICES = { to: "/b/$business/notifications", search: {}, icon: BellRing } as const;

/** What stands on a page of settings, by what it is called there. */
const SECTIONS = [
  { id: "booking", name: p.booking, ...BOOKING },
  { id: "reminders", name: p.reminders, ...BOOKING },
  { id: "connection", name: p.calendar, ...BOOKING },
  { id: "quiet", name: p.quiet, ...NOTICES },
  { id: "urgent", name: p.urgent, ...NOTICES },
  { id: "channels", name: p.channels, ...NOTICES },
  { id: "promises", name: p.promises, ...NOTICES },
  { id: "answers", name: p.answers, to: "/b/$business/faq", search: {}, icon: MessageCircleQuestion },
  ...Object.entries(t.templates.kind).map(([kind, name]) => ({
    id: `text-${kind}`,
    name: p.template(name),
    to: "/b/$business/templates",
    search: { text: kind === "auto_text" ? undefined : kind },
    icon: MessageSquareQuote,
  })),
] as const;

/** Finds a page, an action or a caller by typing. */
export function Palette(props: { pages: PageLink[]; onClose: () => void; onSignOut: () => void }) {
  const { business, zone } = useCurrent();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const list = useRef<HTMLUListElement>(null);
  const wanted = useDeferredValue(text.trim());

  const found = useQuery({
    queryKey: ["palette", business.id, wanted],
    queryFn: ({ signal }) =>
      api.get<Page<CallRow>>(ofBusiness(business.id, "/calls"), { signal, query: { q: wanted, limit: 6 } }),
    enabled: wanted.length >= 2,
  });

  // What is at hand follows each letter, so that Enter never runs what was there before it.
  const matches = (words: string) => words.toLowerCase().includes(text.trim().toLowerCase());
  const today = dayOf(zone, Date.now());
  const items: Item[] = [
    ...props.pages.map((page) => ({
      id: page.to,
      group: t.palette.pages,
      icon: page.icon,
      text: page.name,
      run: () => void navigate({ to: page.to, params: { business: business.id } }),
    })),
    // Unasked they would hide the pages.
    ...(text.trim() === "" ? [] : SECTIONS).map(({ id, name, to, search, icon }) => ({
      id,
      group: t.palette.settings,
      icon,
      text: name,
      run: () => void navigate({ to, params: { business: business.id }, search }),
    })),
    { id: "light", group: t.palette.actions, icon: Sun, text: t.frame.themes.light, run: () => applyTheme("light") },
    { id: "dark", group: t.palette.actions, icon: MoonStar, text: t.frame.themes.dark, run: () => applyTheme("dark") },
    { id: "out", group: t.palette.actions, icon: LogOut, text: t.frame.signOut, run: props.onSignOut },
  ].filter((item) => matches(item.text));
  for (const call of wanted.length >= 2 ? (found.data?.items ?? []) : []) {
    const at = Date.parse(call.received_at);
    items.push({
      id: call.id,
      group: t.palette.callers,
      icon: PhoneIncoming,
      text: call.caller.name ?? call.caller.national ?? t.caller.unknown[call.caller.status],
      detail: t.dateAt(dayName(dayOf(zone, at), today), clock(zone, at)),
      run: () =>
        void navigate({ to: "/b/$business/calls", params: { business: business.id }, search: { call: call.id } }),
    });
  }
  const active = items[Math.min(chosen, items.length - 1)];

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active?.id]);

  const run = (item: Item) => {
    props.onClose();
    item.run();
  };

  return (
    <Dialog title={t.frame.palette} onClose={props.onClose} className="palette">
      <div className="palette-field">
        <Search size={18} aria-hidden="true" />
        <input
          data-autofocus
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={active ? `${listId}-${active.id}` : undefined}
          aria-label={t.palette.placeholder}
          placeholder={t.palette.placeholder}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setChosen(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown" || event.key === "ArrowUp") {
              event.preventDefault();
              const by = event.key === "ArrowDown" ? 1 : -1;
              setChosen((now) => (Math.min(now, items.length - 1) + by + items.length) % Math.max(1, items.length));
            } else if (event.key === "Enter" && active) {
              event.preventDefault();
              run(active);
            }
          }}
        />
      </div>
      <ul id={listId} role="listbox" aria-label={t.frame.palette} ref={list} className="palette-list">
        {items.map((item, index) => (
          <li
            key={item.id}
            id={`${listId}-${item.id}`}
            role="option"
            aria-selected={item === active}
            data-first={items[index - 1]?.group === item.group ? undefined : item.group}
            onPointerMove={() => setChosen(index)}
            onClick={() => run(item)}
          >
            <item.icon size={16} aria-hidden="true" />
            <span className="palette-text">{item.text}</span>
            <span className="palette-detail">{item.detail ?? item.group}</span>
          </li>
        ))}
      </ul>
      {items.length === 0 && !found.isFetching && <p className="palette-none">{t.palette.empty(text)}</p>}
      <p className="palette-hint">{t.palette.hint}</p>
    </Dialog>
  );
}
