import { useCallback, useEffect, useRef, useState } from "react";
import { api } from "@/api/client";
import type { Heard, SandboxCall } from "@/api/types";
import { t } from "@/strings";
import { speakingMs } from "./stories";

export type PhoneState =
  | { phase: "idle" }
  | { phase: "ringing" }
  | {
      phase: "connected";
      id: string;
      since: number;
      /** What was said so far. */
      said: readonly string[];
      /** Since when a message is being recorded. */
      recordingSince: number | null;
    }
  | { phase: "ended"; said: readonly string[]; rejected: boolean }
  | { phase: "failed"; error: unknown };

/** How long the business's own phone rings before the call is forwarded. */
const RING_MS = 1_400;

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("stopped", "AbortError"));
    });
  });
}

/** The caller's phone: dials, listens and hangs up. */
export function usePhone(aloud: boolean) {
  const [state, setState] = useState<PhoneState>({ phase: "idle" });
  const now = useRef(state);
  const stop = useRef<AbortController | null>(null);
  const speak = useRef(aloud);
  useEffect(() => {
    speak.current = aloud;
    if (!aloud) window.speechSynthesis?.cancel();
  }, [aloud]);
  const set = useCallback((next: PhoneState) => {
    now.current = next;
    setState(next);
  }, []);

  useEffect(
    () => () => {
      stop.current?.abort();
      window.speechSynthesis?.cancel();
    },
    [],
  );

  /** Ends when the other side has hung up or waits for a message. */
  const call = useCallback(
    async (from: string, to: string): Promise<void> => {
      stop.current?.abort();
      const control = new AbortController();
      stop.current = control;
      set({ phase: "ringing" });
      try {
        await sleep(RING_MS, control.signal);
        const answer = await api.post<SandboxCall>("/sandbox/calls", { from, to });
        set({ phase: "connected", id: answer.id, since: Date.now(), said: [], recordingSince: null });
        for (const heard of answer.heard) {
          if (!(await hear(heard, control.signal))) return;
        }
        // Everything was said and nobody hung up: the line stays open until the caller does.
      } catch (error) {
        if (error instanceof DOMException && error.name === "AbortError") return;
        set({ phase: "failed", error });
        throw error;
      }
    },
    // `hear` reads only references.
    [set],
  );

  const hear = async (heard: Heard, signal: AbortSignal): Promise<boolean> => {
    const line = now.current;
    if (line.phase !== "connected") return false;
    switch (heard.kind) {
      case "say":
        set({ ...line, said: [...line.said, heard.text] });
        if (speak.current && window.speechSynthesis) {
          window.speechSynthesis.speak(new SpeechSynthesisUtterance(heard.text));
        }
        await sleep(speakingMs(heard.text), signal);
        return true;
      case "record":
        set({ ...line, said: [...line.said, t.simulator.tone], recordingSince: Date.now() });
        return false;
      case "hangup":
        set({ phase: "ended", said: line.said, rejected: false });
        return false;
      case "reject":
        set({ phase: "ended", said: line.said, rejected: true });
        return false;
    }
  };

  /** Hangs up; without `message_seconds` the message is as long as the recording ran. */
  const hangUp = useCallback(
    async (message_seconds?: number): Promise<void> => {
      const line = now.current;
      stop.current?.abort();
      window.speechSynthesis?.cancel();
      if (line.phase !== "connected") {
        set({ phase: "idle" });
        return;
      }
      set({ phase: "ended", said: line.said, rejected: false });
      const recorded = line.recordingSince === null ? undefined : Math.round((Date.now() - line.recordingSince) / 1000);
      const message = line.recordingSince === null ? undefined : (message_seconds ?? recorded);
      const after = Math.max(1, Math.round((Date.now() - line.since) / 1000)) + (message_seconds ?? 0);
      try {
        await api.post(`/sandbox/calls/${encodeURIComponent(line.id)}/hangup`, {
          after_seconds: after,
          message_seconds: message,
        });
      } catch (error) {
        set({ phase: "failed", error });
        throw error;
      }
    },
    [set],
  );

  const reset = useCallback(() => set({ phase: "idle" }), [set]);
  const current = useCallback(() => now.current, []);
  return { state, call, hangUp, reset, current };
}
