import type { FieldError, Problem } from "./types";

/** An answer that is not what was asked for, in terms a page can show. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly fields: FieldError[];
  /** Seconds to wait before trying again, when the server named them. */
  readonly retryAfter: number | null;

  constructor(status: number, problem: Partial<Problem> | null, retryAfter: number | null = null) {
    super(problem?.detail ?? problem?.title ?? "");
    this.name = "ApiError";
    this.status = status;
    this.code = problem?.code ?? null;
    this.fields = problem?.errors ?? [];
    this.retryAfter = retryAfter;
  }

  /** No answer came: the network, or a server that is away. */
  get unreachable(): boolean {
    return this.status === 0;
  }
}

export const API_BASE = "/api/v1";

type Query = Record<string, string | number | boolean | null | undefined>;

interface Options {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** `path?a=b` without empty values. */
export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "" && value !== false) search.set(key, String(value));
  }
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

async function request<T>(method: string, path: string, options: Options): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json", ...options.headers };
  if (options.body !== undefined) headers["content-type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(withQuery(API_BASE + path, options.query), {
      method,
      headers,
      credentials: "same-origin",
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0, null);
  }
  if (!response.ok) {
    const wait = Number(response.headers.get("retry-after"));
    throw new ApiError(response.status, await problemOf(response), Number.isFinite(wait) && wait > 0 ? wait : null);
  }
  if (response.status === 204 || response.headers.get("content-length") === "0") return undefined as T;
  return (await response.json()) as T;
}

async function problemOf(response: Response): Promise<Partial<Problem> | null> {
  if (!(response.headers.get("content-type") ?? "").includes("json")) return null;
  try {
    return (await response.json()) as Partial<Problem>;
  } catch {
    return null;
  }
}

export const api = {
  get: <T>(path: string, options: Options = {}) => request<T>("GET", path, options),
  post: <T>(path: string, body?: unknown, options: Options = {}) => request<T>("POST", path, { ...options, body }),
  put: <T>(path: string, body: unknown, options: Options = {}) => request<T>("PUT", path, { ...options, body }),
  patch: <T>(path: string, body: unknown, options: Options = {}) => request<T>("PATCH", path, { ...options, body }),
  delete: <T>(path: string, options: Options = {}) => request<T>("DELETE", path, options),
};

/** Path of something that belongs to a business. */
export function ofBusiness(business: string, path = ""): string {
  return `/businesses/${encodeURIComponent(business)}${path}`;
}
