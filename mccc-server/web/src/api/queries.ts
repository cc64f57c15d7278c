import { QueryClient, infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { ApiError, api, ofBusiness } from "./client";
import type {
  Appointment,
  BlockedTime,
  Business,
  CallDetail,
  CallRow,
  Conversation,
  FeedData,
  Forwarding,
  FreeTime,
  ForwardingTest,
  Guides,
  HealthSummary,
  NotificationsView,
  Page,
  Promises,
  RoutingRules,
  SandboxInfo,
  SandboxPhone,
  Session,
  SettingsDocument,
  Task,
  TextPreview,
  Totals,
  Week,
  Wordings,
} from "./types";

/** What a list of calls is narrowed by; also the part of the page's address after `?`. */
export interface CallQuery {
  from?: string;
  to?: string;
  method?: string;
  outcome?: string;
  attention?: boolean;
  q?: string;
}

/** One page of calls. */
export const PAGE = 50;

export const session = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => api.get<Session>("/session", { signal }),
  staleTime: 5 * 60_000,
});

export const business = (id: string) =>
  queryOptions({
    queryKey: ["business", id],
    queryFn: ({ signal }) => api.get<Business>(ofBusiness(id), { signal }),
    staleTime: 60_000,
  });

export const calls = (id: string, query: CallQuery) =>
  infiniteQueryOptions({
    queryKey: ["calls", id, query],
    queryFn: ({ signal, pageParam }) =>
      api.get<Page<CallRow>>(ofBusiness(id, "/calls"), {
        signal,
        query: { ...query, limit: PAGE, cursor: pageParam },
      }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

/** The latest few calls, whatever the filters say; an empty list means that there never was one. */
export const latestCalls = (id: string, limit: number) =>
  queryOptions({
    queryKey: ["calls", id, "latest", limit],
    queryFn: ({ signal }) => api.get<Page<CallRow>>(ofBusiness(id, "/calls"), { signal, query: { limit } }),
  });

/** Most calls that are counted as waiting. */
export const MOST_WAITING = 200;

/** The calls that a person still owes something, whenever they came. */
export const waitingCalls = (id: string) =>
  queryOptions({
    queryKey: ["calls", id, "waiting"],
    queryFn: ({ signal }) =>
      api.get<Page<CallRow>>(ofBusiness(id, "/calls"), { signal, query: { attention: true, limit: MOST_WAITING } }),
  });

export const totals = (id: string, query: CallQuery) =>
  queryOptions({
    queryKey: ["totals", id, query],
    queryFn: ({ signal }) => api.get<Totals>(ofBusiness(id, "/calls/totals"), { signal, query: { ...query } }),
  });

export const call = (id: string, callId: string) =>
  queryOptions({
    queryKey: ["call", id, callId],
    queryFn: ({ signal }) => api.get<CallDetail>(ofBusiness(id, `/calls/${encodeURIComponent(callId)}`), { signal }),
  });

export const conversation = (id: string, conversationId: string) =>
  queryOptions({
    queryKey: ["conversation", id, conversationId],
    queryFn: ({ signal }) =>
      api.get<Conversation>(ofBusiness(id, `/conversations/${encodeURIComponent(conversationId)}`), { signal }),
  });

/** Threads, latest message first, without their messages. */
export const conversations = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["conversations", id],
    queryFn: ({ signal, pageParam }) =>
      api.get<Page<Conversation>>(ofBusiness(id, "/conversations"), {
        signal,
        query: { limit: PAGE, cursor: pageParam },
      }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

export const tasks = (id: string) =>
  queryOptions({
    queryKey: ["tasks", id],
    queryFn: ({ signal }) => api.get<Page<Task>>(ofBusiness(id, "/tasks"), { signal, query: { state: "open" } }),
  });

export const routingRules = (id: string) =>
  queryOptions({
    queryKey: ["routing", id],
    queryFn: ({ signal }) => api.get<RoutingRules>(ofBusiness(id, "/routing-rules"), { signal }),
    staleTime: 30_000,
    refetchOnWindowFocus: false,
  });

export const forwarding = (id: string) =>
  queryOptions({
    queryKey: ["forwarding", id],
    queryFn: ({ signal }) => api.get<Forwarding>(ofBusiness(id, "/forwarding"), { signal }),
    // A number may be bought for longer than the request that asked for it lasts.
    refetchInterval: (query) => (isBuying(query.state.data) ? 2_000 : false),
  });

/** Whether the number is being bought and has not failed. */
export function isBuying(forwarding: Forwarding | undefined): boolean {
  return forwarding !== undefined && forwarding.number === null && forwarding.provisioning?.failed === null;
}

export const guides = (id: string) =>
  queryOptions({
    queryKey: ["guides", id],
    queryFn: ({ signal }) => api.get<Guides>(ofBusiness(id, "/forwarding/guides"), { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const forwardingTest = (id: string, testId: string) =>
  queryOptions({
    queryKey: ["forwarding-test", id, testId],
    queryFn: ({ signal }) =>
      api.get<ForwardingTest>(ofBusiness(id, `/forwarding/test/${encodeURIComponent(testId)}`), { signal }),
    refetchInterval: (query) =>
      query.state.data && ["succeeded", "failed"].includes(query.state.data.status) ? false : 1_000,
  });

export const health = (id: string) =>
  queryOptions({
    queryKey: ["health", id],
    queryFn: ({ signal }) => api.get<HealthSummary>(ofBusiness(id, "/health-summary"), { signal }),
    refetchInterval: 60_000,
  });

export const settings = (id: string) =>
  queryOptions({
    queryKey: ["settings", id],
    queryFn: ({ signal }) => api.get<SettingsDocument>(ofBusiness(id, "/settings"), { signal }),
    staleTime: 30_000,
    refetchOnWindowFocus: false,
  });

export const wordings = (id: string) =>
  queryOptions({
    queryKey: ["wordings", id],
    queryFn: ({ signal }) => api.get<Wordings>(ofBusiness(id, "/wordings"), { signal }),
    staleTime: 5 * 60_000,
  });

/** A text as a caller would get it; the one before is shown until the answer is there. */
export const textPreview = (id: string, field: string, text: string) =>
  queryOptions({
    queryKey: ["wordings", id, "preview", field, text],
    queryFn: ({ signal }) =>
      api.post<TextPreview>(ofBusiness(id, "/wordings/preview"), { field, text }, { signal }),
    staleTime: 60_000,
  });

export const week = (id: string, from: string) =>
  queryOptions({
    queryKey: ["week", id, from],
    queryFn: ({ signal }) => api.get<Week>(ofBusiness(id, "/availability/week"), { signal, query: { from } }),
    // Time goes by, and what is over or too soon goes with it.
    refetchInterval: 60_000,
  });

/** The times that can be booked, the next ones first. */
export const freeTimes = (id: string) =>
  queryOptions({
    queryKey: ["week", id, "free"],
    queryFn: ({ signal }) => api.get<{ slots: FreeTime[] }>(ofBusiness(id, "/availability"), { signal }),
  });

/** What appointments are narrowed by. */
export interface AppointmentQuery {
  from?: string;
  until?: string;
  status?: string;
  limit?: number;
}

export const appointments = (id: string, query: AppointmentQuery) =>
  queryOptions({
    queryKey: ["appointments", id, query],
    queryFn: ({ signal }) =>
      api.get<Page<Appointment>>(ofBusiness(id, "/appointments"), { signal, query: { ...query } }),
  });

export const appointmentPages = (id: string, query: AppointmentQuery) =>
  infiniteQueryOptions({
    queryKey: ["appointments", id, "pages", query],
    queryFn: ({ signal, pageParam }) =>
      api.get<Page<Appointment>>(ofBusiness(id, "/appointments"), {
        signal,
        query: { ...query, limit: PAGE, cursor: pageParam },
      }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

export const appointment = (id: string, appointmentId: string) =>
  queryOptions({
    queryKey: ["appointments", id, "one", appointmentId],
    queryFn: ({ signal }) =>
      api.get<Appointment>(ofBusiness(id, `/appointments/${encodeURIComponent(appointmentId)}`), { signal }),
  });

export const blockedTimes = (id: string, from: string, until: string) =>
  queryOptions({
    queryKey: ["blocked", id, from, until],
    queryFn: ({ signal }) =>
      api.get<Page<BlockedTime>>(ofBusiness(id, "/blocked-times"), { signal, query: { from, until } }),
    refetchInterval: 60_000,
  });

/** How the owner is told of things, and what is missing. */
export const notifications = (id: string) =>
  queryOptions({
    queryKey: ["notifications", id],
    queryFn: ({ signal }) => api.get<NotificationsView>(ofBusiness(id, "/notifications"), { signal }),
  });

/** What callers were promised in the last month. */
export const promises = (id: string) =>
  queryOptions({
    queryKey: ["promises", id],
    queryFn: ({ signal }) => api.get<Promises>(ofBusiness(id, "/promises"), { signal, query: { limit: 1_000 } }),
    // A promise breaks by time going by.
    refetchInterval: 60_000,
  });

/** What the feed said of notices while these pages were open. */
export const notices = (id: string) =>
  queryOptions({
    queryKey: ["notices", id],
    queryFn: (): FeedData[] => [],
    initialData: [],
    // It comes by the feed only; asking would empty it.
    enabled: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });

export const sandbox = queryOptions({
  queryKey: ["sandbox"],
  queryFn: ({ signal }) => api.get<SandboxInfo>("/sandbox", { signal }),
  staleTime: 60_000,
});

export const sandboxPhone = (phone: string) =>
  queryOptions({
    queryKey: ["sandbox-phone", phone],
    queryFn: ({ signal }) => api.get<SandboxPhone>(`/sandbox/phone/${encodeURIComponent(phone)}`, { signal }),
    enabled: phone !== "",
    // The simulated carrier settles texts by itself and has no feed.
    refetchInterval: 2_000,
  });

/** What comes back wrong the same way every time is not asked for again. */
function worthRepeating(failures: number, error: unknown): boolean {
  if (error instanceof ApiError && !error.unreachable && error.status < 500) return false;
  return failures < 2;
}

export function queryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: worthRepeating, staleTime: 5_000, networkMode: "always" },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
