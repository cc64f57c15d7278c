import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { CircleUser, Ellipsis, FlaskConical, Search, Unplug } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api } from "@/api/client";
import { useLive } from "@/api/live";
import { business as businessQuery, conversations as conversationsQuery, session as sessionQuery } from "@/api/queries";
import { type Current, CurrentContext, useCurrent, useNow, useZone } from "@/lib/business";
import { offsetAt } from "@/lib/zone";
import { useKeys } from "@/lib/keys";
import { t } from "@/strings";
import type { Anchor } from "@/ui/Dialog";
import { Button, Kbd } from "@/ui/controls";
import { ErrorState, Skeleton } from "@/ui/states";
import { Account } from "./Account";
import { Logo } from "./Logo";
import { More } from "./More";
import { Palette } from "./Palette";
import { Shortcuts } from "./Shortcuts";
import { StatusButton } from "./Status";
import { IN_THE_BAR, pagesFor } from "./pages";
import { useWaiting } from "./title";
import "./frame.css";

/** Loads whose pages these are, then shows them. */
export function Frame() {
  const { business: id } = useParams({ from: "/b/$business" });
  const { data: session } = useQuery(sessionQuery);
  const found = useQuery(businessQuery(id));
  const zone = useZone(found.data);
  const current = useMemo<Current | null>(
    () => (session && found.data ? { session, business: found.data, zone } : null),
    [session, found.data, zone],
  );
  if (found.isError && !found.data) {
    const own = session?.businesses.find((one) => one.id !== id);
    return (
      <main className="lonely">
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
        {own && (
          <Link className="button" data-look="primary" to="/b/$business/calls" params={{ business: own.id }}>
            {t.frame.toOwn}
          </Link>
        )}
      </main>
    );
  }
  if (!current) return <FrameSkeleton />;
  return (
    <CurrentContext value={current}>
      <Shell current={current} />
    </CurrentContext>
  );
}

function FrameSkeleton() {
  return (
    <div className="frame" aria-busy="true">
      <div className="rail" aria-hidden="true" />
      <main className="page">
        <div className="page-loading">
          <span className="hidden-visually">{t.common.loading}</span>
          <Skeleton width={180} height={28} />
          <Skeleton height={88} />
          <Skeleton height={320} />
        </div>
      </main>
    </div>
  );
}

type Overlay = { kind: "palette" } | { kind: "shortcuts" } | { kind: "more" } | { kind: "account"; anchor: Anchor };

function Shell({ current }: { current: Current }) {
  const { session, business } = current;
  const live = useLive(business.id);
  const client = useQueryClient();
  const navigate = useNavigate();
  const waiting = useWaiting();
  const unread = useUnread(business.id);
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  const leading = useRef(0);
  const pages = pagesFor(session.sandbox);
  const close = useCallback(() => setOverlay(null), []);

  // On a phone the bar below holds a few pages, and "More" leads to the others.
  const { pathname } = useLocation();
  const inMore = pages
    .slice(IN_THE_BAR)
    .some((page) => pathname.startsWith(page.to.replace("$business", business.id)));

  const signOut = useCallback(async () => {
    await api.delete("/session").catch(() => undefined);
    client.clear();
    await navigate({ to: "/signin" });
  }, [client, navigate]);

  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setOverlay((now) => (now?.kind === "palette" ? null : { kind: "palette" }));
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);

  useKeys((event) => {
    const go = Date.now() - leading.current < 1_000;
    leading.current = event.key === "g" ? Date.now() : 0;
    const to = go
      ? {
          c: "/b/$business/calls" as const,
          i: "/b/$business/inbox" as const,
          r: "/b/$business/routing" as const,
          d: "/b/$business/calendar" as const,
        }[event.key]
      : undefined;
    if (to) {
      event.preventDefault();
      void navigate({ to, params: { business: business.id } });
    } else if (event.key === "?") {
      event.preventDefault();
      setOverlay({ kind: "shortcuts" });
    } else if (event.key === "/") {
      event.preventDefault();
      const field = document.querySelector<HTMLInputElement>("input[data-search]");
      if (field) field.focus();
      else setOverlay({ kind: "palette" });
    }
  });

  return (
    <div className="frame">
      <a className="skip-link" href="#page">
        {t.common.skip}
      </a>
      <header className="rail">
        <div className="rail-brand">
          <Logo />
          <span className="rail-business" title={business.name}>
            {business.name}
          </span>
        </div>
        <button type="button" className="rail-search" onClick={() => setOverlay({ kind: "palette" })}>
          <Search size={16} aria-hidden="true" />
          <span className="rail-search-text">{t.frame.search}</span>
          <Kbd>⌘K</Kbd>
        </button>
        <nav className="rail-nav" aria-label={t.frame.nav}>
          <ul>
            {pages.map((page, place) => (
              <li key={page.to} className={place < IN_THE_BAR ? undefined : "rail-beyond"}>
                <Link
                  to={page.to}
                  params={{ business: business.id }}
                  className="rail-link"
                  activeProps={{ "aria-current": "page" }}
                >
                  <page.icon size={18} aria-hidden="true" />
                  <span className="rail-long">{page.name}</span>
                  <span className="rail-short">{page.short}</span>
                  {page.to === "/b/$business/inbox" && unread > 0 && (
                    <span className="rail-count">
                      <span aria-hidden="true">{unread}</span>
                      <span className="hidden-visually">{t.inbox.unread(unread)}</span>
                    </span>
                  )}
                  {page.to === "/b/$business/calls" && waiting > 0 && (
                    <span className="rail-count">
                      <span aria-hidden="true">{waiting}</span>
                      <span className="hidden-visually">{t.frame.attention(waiting)}</span>
                    </span>
                  )}
                </Link>
              </li>
            ))}
            <li className="rail-more">
              <button
                type="button"
                className="rail-link"
                aria-haspopup="dialog"
                aria-current={inMore ? "page" : undefined}
                onClick={() => setOverlay({ kind: "more" })}
              >
                <Ellipsis size={18} aria-hidden="true" />
                {t.frame.more}
              </button>
            </li>
          </ul>
        </nav>
        <div className="rail-foot">
          {session.sandbox && (
            <p className="rail-sandbox" title={t.frame.sandboxAbout}>
              <FlaskConical size={14} aria-hidden="true" />
              {t.frame.sandbox}
            </p>
          )}
          <StatusButton />
          <button
            type="button"
            className="rail-link rail-account"
            aria-haspopup="dialog"
            onClick={(event) =>
              setOverlay({ kind: "account", anchor: event.currentTarget.getBoundingClientRect() })
            }
          >
            <CircleUser size={18} aria-hidden="true" />
            <span className="rail-long">{session.user.name || session.user.email}</span>
            <span className="rail-short">{t.frame.account}</span>
          </button>
        </div>
      </header>
      <main className="page" id="page" tabIndex={-1}>
        {live === "reconnecting" && (
          <p className="reconnecting" role="status">
            <Unplug size={14} aria-hidden="true" />
            {t.frame.reconnecting}
          </p>
        )}
        <Outlet />
      </main>
      {overlay?.kind === "palette" && <Palette pages={pages} onClose={close} onSignOut={signOut} />}
      {overlay?.kind === "more" && <More pages={pages.slice(IN_THE_BAR)} onClose={close} />}
      {overlay?.kind === "shortcuts" && <Shortcuts onClose={close} />}
      {overlay?.kind === "account" && (
        <Account
          anchor={overlay.anchor}
          onClose={close}
          onSignOut={signOut}
          onShortcuts={() => setOverlay({ kind: "shortcuts" })}
        />
      )}
    </div>
  );
}

/** Texts that nobody has looked at, in the latest threads. */
function useUnread(business: string): number {
  const { data } = useInfiniteQuery(conversationsQuery(business));
  return data?.pages.flatMap((page) => page.items).reduce((sum, row) => sum + row.unread, 0) ?? 0;
}

/** The head of every page. */
export function PageHead(props: { title: string; lead?: string; children?: React.ReactNode }) {
  return (
    <div className="page-head">
      <div className="page-title">
        <h1>{props.title}</h1>
        {props.lead && <p>{props.lead}</p>}
        <ZoneNote />
      </div>
      {props.children && <div className="page-actions">{props.children}</div>}
    </div>
  );
}

/** Says whose clock is shown, where it is not the reader's own. */
function ZoneNote() {
  const { zone } = useCurrent();
  const now = useNow();
  const own = -new Date(now).getTimezoneOffset() * 60;
  if (offsetAt(zone, now).seconds === own) return null;
  return <p className="quiet">{t.common.localTime(zone.name)}</p>;
}

export function NoBusiness() {
  return (
    <main className="lonely">
      <h1>{t.frame.noBusiness}</h1>
      <p>{t.frame.noBusinessBody}</p>
      <Button onClick={() => window.location.reload()}>{t.common.retry}</Button>
    </main>
  );
}
