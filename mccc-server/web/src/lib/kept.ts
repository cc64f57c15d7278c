import { useEffect, useState } from "react";

/** A text that outlives the page; null while there is none. */
export function useKept(key: string) {
  const [text, setText] = useState<string | null>(() => localStorage.getItem(key));
  useEffect(() => {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  }, [text, key]);
  return [text, setText] as const;
}
