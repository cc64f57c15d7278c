import type { QueryClient } from "@tanstack/react-query";
import {
  Outlet,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { ApiError } from "./api/client";
import { session as sessionQuery } from "./api/queries";
import { readCallsSearch, remembered } from "./features/calls/search";
import { Crashed, NotFound } from "./frame/Crashed";
import { Frame, NoBusiness } from "./frame/Frame";
import { isDay } from "./lib/zone";
import { Toasts } from "./ui/toast";

interface Context {
  client: QueryClient;
}

const LAST = "mccc.business";

const root = createRootRouteWithContext<Context>()({
  component: () => (
    <>
      <Outlet />
      <Toasts />
    </>
  ),
  notFoundComponent: NotFound,
  errorComponent: Crashed,
});

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

const signin = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  validateSearch: (search: Record<string, unknown>): { next?: string; link?: string; ended?: string } => ({
    next: text(search.next),
    link: text(search.link),
    ended: text(search.ended),
  }),
  component: lazyRouteComponent(() => import("./features/signin/SignIn"), "SignIn"),
});

/** Everything but the sign-in page needs somebody who is signed in. */
async function signedIn({ context, location }: { context: Context; location: { href: string } }) {
  try {
    return await context.client.ensureQueryData(sessionQuery);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      throw redirect({ to: "/signin", search: { next: location.href === "/" ? undefined : location.href } });
    }
    throw error;
  }
}

/** The business looked at last, if it is still one of the person's own. */
async function home(args: { context: Context; location: { href: string } }) {
  const { businesses } = await signedIn(args);
  const last = localStorage.getItem(LAST);
  return (businesses.find((one) => one.id === last) ?? businesses[0])?.id;
}

const index = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async (args) => {
    const business = await home(args);
    if (business) throw redirect({ to: "/b/$business/calls", params: { business }, replace: true });
  },
  component: NoBusiness,
});

// Short addresses, as they appear in the server's own sentences and in mails.
const short = (["calls", "inbox", "calendar", "routing", "templates", "faq", "notifications", "connect", "simulator"] as const).map((page) =>
  createRoute({
    getParentRoute: () => root,
    path: `/${page}`,
    validateSearch: (search: Record<string, unknown>) => search,
    beforeLoad: async (args) => {
      const business = await home(args);
      if (!business) throw redirect({ to: "/" });
      throw redirect({ to: `/b/$business/${page}`, params: { business }, search: args.search, replace: true });
    },
  }),
);

const frame = createRoute({
  getParentRoute: () => root,
  path: "/b/$business",
  beforeLoad: async (args) => {
    await signedIn(args);
    localStorage.setItem(LAST, args.params.business);
  },
  component: Frame,
});

const frameIndex = createRoute({
  getParentRoute: () => frame,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/b/$business/calls", params, replace: true });
  },
});

const calls = createRoute({
  getParentRoute: () => frame,
  path: "/calls",
  validateSearch: readCallsSearch,
  beforeLoad: ({ cause, search, params }) => {
    const kept = cause === "enter" ? remembered(search) : null;
    if (kept) throw redirect({ to: "/b/$business/calls", params, search: kept, replace: true });
  },
  component: lazyRouteComponent(() => import("./features/calls/CallsPage"), "CallsPage"),
});

const inbox = createRoute({
  getParentRoute: () => frame,
  path: "/inbox",
  validateSearch: (search: Record<string, unknown>): { thread?: string } => ({
    // Messages to the contractor name it as the API does.
    thread: text(search.thread) ?? text(search.conversation),
  }),
  component: lazyRouteComponent(() => import("./features/inbox/InboxPage"), "InboxPage"),
});

const routing = createRoute({
  getParentRoute: () => frame,
  path: "/routing",
  component: lazyRouteComponent(() => import("./features/routing/RoutingPage"), "RoutingPage"),
});

const calendar = createRoute({
  getParentRoute: () => frame,
  path: "/calendar",
  validateSearch: (search: Record<string, unknown>): { week?: string; tab?: string; open?: string } => ({
    week: isDay(text(search.week)) ? text(search.week) : undefined,
    tab: text(search.tab),
    open: text(search.open),
  }),
  component: lazyRouteComponent(() => import("./features/calendar/CalendarPage"), "CalendarPage"),
});

const templates = createRoute({
  getParentRoute: () => frame,
  path: "/templates",
  validateSearch: (search: Record<string, unknown>): { text?: string; hours?: string } => ({
    text: text(search.text),
    hours: text(search.hours),
  }),
  component: lazyRouteComponent(() => import("./features/templates/TemplatesPage"), "TemplatesPage"),
});

const faq = createRoute({
  getParentRoute: () => frame,
  path: "/faq",
  validateSearch: (search: Record<string, unknown>): { topic?: string } => ({ topic: text(search.topic) }),
  component: lazyRouteComponent(() => import("./features/faq/FaqPage"), "FaqPage"),
});

const notifications = createRoute({
  getParentRoute: () => frame,
  path: "/notifications",
  component: lazyRouteComponent(() => import("./features/notifications/NotificationsPage"), "NotificationsPage"),
});

const connect = createRoute({
  getParentRoute: () => frame,
  path: "/connect",
  component: lazyRouteComponent(() => import("./features/connect/ConnectPage"), "ConnectPage"),
});

const simulator = createRoute({
  getParentRoute: () => frame,
  path: "/simulator",
  component: lazyRouteComponent(() => import("./features/simulator/SimulatorPage"), "SimulatorPage"),
});

const tree = root.addChildren([
  signin,
  index,
  ...short,
  frame.addChildren([frameIndex, calls, inbox, calendar, routing, templates, faq, notifications, connect, simulator]),
]);

export function startRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultErrorComponent: Crashed,
  });
}

type AppRouter = ReturnType<typeof startRouter>;

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}

/** A session that ends while a page is open leads to the sign-in page and back. */
export function signInWhenEnded(client: QueryClient, router: AppRouter): void {
  const watch = (error: unknown) => {
    if (!(error instanceof ApiError) || error.status !== 401) return;
    const here = router.state.location;
    if (here.pathname === "/signin") return;
    client.removeQueries({ queryKey: sessionQuery.queryKey });
    void router.navigate({ to: "/signin", search: { next: here.href, ended: "1" } });
  };
  client.getQueryCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "error" && event.query.queryKey[0] !== "session") {
      watch(event.action.error);
    }
  });
  client.getMutationCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "error") watch(event.action.error);
  });
}
