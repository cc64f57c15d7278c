import type { Method } from "@/api/types";

/** In the order in which they are offered; `off` stands apart. */
export const METHODS: readonly Method[] = ["ai_voice", "auto_text_only", "both", "voicemail", "off"];

/** The key that paints a method, as printed beside it. */
export const METHOD_KEYS: Record<Method, string> = {
  ai_voice: "1",
  auto_text_only: "2",
  both: "3",
  voicemail: "4",
  off: "5",
};

export function methodOfKey(key: string): Method | null {
  return METHODS.find((method) => METHOD_KEYS[method] === key) ?? null;
}

export function isMethod(value: unknown): value is Method {
  return METHODS.some((method) => method === value);
}
