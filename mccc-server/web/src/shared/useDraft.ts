import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { ApiError, api, ofBusiness } from "@/api/client";
import { settings as settingsQuery } from "@/api/queries";
import type { FieldError, SettingsDocument } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { toast } from "@/ui/toast";
import { type Editing, type Part, arrived, forget, isDirty, keep, kept } from "./part";

/** A part of the settings under a person's hands, with everything that saving it takes. */
export interface Draft<T> {
  value: T;
  saved: T;
  dirty: boolean;
  change: (value: T) => void;
  discard: () => void;
  save: () => void;
  saving: boolean;
  justSaved: boolean;
  savedAt: string;
  /** Somebody else changed this part meanwhile. */
  stale: boolean;
  loadTheirs: () => void;
  saveMine: () => void;
  /** Why the last save failed, unless it was stale. */
  error: Error | null;
  /** The mistakes that the server named, by their place. */
  fields: FieldError[];
  restored: boolean;
  leaving: { stay: () => void; leave: () => void } | null;
}

interface Options<T> {
  /** Whether the edits may be sent; shows what is wrong otherwise. */
  check?: (value: T) => boolean | Promise<boolean>;
}

export function useDraft<T>(part: Part<T>, document: SettingsDocument, { check }: Options<T> = {}): Draft<T> {
  const { business } = useCurrent();
  const client = useQueryClient();
  const [editing, setEditing] = useState<Editing<T>>(() => {
    const before = kept(part, business.id, document);
    return { base: document, value: before ?? part.read(document.settings) };
  });
  const [restored, setRestored] = useState(() => isDirty(part, editing));
  const [justSaved, setJustSaved] = useState(false);
  const [checking, setChecking] = useState(false);
  const saved = part.read(editing.base.settings);
  const dirty = isDirty(part, editing);

  useEffect(() => keep(part, business.id, editing), [part, business.id, editing]);
  useEffect(() => setEditing((now) => arrived(part, now, document)), [part, document]);
  useEffect(() => {
    if (!justSaved) return;
    const timer = setTimeout(() => setJustSaved(false), 2_000);
    return () => clearTimeout(timer);
  }, [justSaved]);

  const newest = () => client.fetchQuery({ ...settingsQuery(business.id), staleTime: 0 });
  const put = (base: SettingsDocument, value: T) =>
    api.put<SettingsDocument>(ofBusiness(business.id, "/settings"), {
      version: base.version,
      settings: part.write(base.settings, value),
    });

  const mutation = useMutation({
    mutationFn: async (from: Editing<T>) => {
      try {
        return await put(from.base, from.value);
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== "stale") throw error;
        // Somebody saved something. Unless it was this part, the edits fit on top of it.
        const onto = arrived(part, from, await newest());
        if (onto === from) throw error;
        return put(onto.base, from.value);
      }
    },
    onSuccess: (answer) => {
      forget(part, business.id);
      client.setQueryData(settingsQuery(business.id).queryKey, answer);
      setEditing({ base: answer, value: part.read(answer.settings) });
      setRestored(false);
      setJustSaved(true);
      toast(t.draft.toast);
    },
  });

  const send = async (from: Editing<T>) => {
    setChecking(true);
    try {
      if ((await check?.(from.value)) === false) return;
    } finally {
      setChecking(false);
    }
    mutation.mutate(from);
  };
  const save = () => {
    if (dirty && !mutation.isPending && !checking) void send(editing);
  };

  const keys = useRef(save);
  useEffect(() => {
    keys.current = save;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
      event.preventDefault();
      keys.current();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);

  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });

  const stale = mutation.error instanceof ApiError && mutation.error.code === "stale";
  const error = mutation.error && !stale ? mutation.error : null;
  return {
    value: editing.value,
    saved,
    dirty,
    change: (value) => {
      setEditing((now) => ({ ...now, value }));
      if (mutation.isError && !stale) mutation.reset();
    },
    discard: () => {
      setEditing((now) => ({ ...now, value: part.read(now.base.settings) }));
      setRestored(false);
      mutation.reset();
    },
    save,
    saving: mutation.isPending || checking,
    justSaved,
    savedAt: editing.base.saved_at,
    stale,
    loadTheirs: () =>
      void newest().then((theirs) => {
        setEditing({ base: theirs, value: part.read(theirs.settings) });
        mutation.reset();
      }),
    saveMine: () =>
      void newest().then((theirs) => {
        const mine = { base: theirs, value: editing.value };
        setEditing(mine);
        mutation.mutate(mine);
      }),
    error,
    fields: error instanceof ApiError ? error.fields : [],
    restored: restored && dirty,
    leaving:
      blocker.status === "blocked"
        ? {
            stay: blocker.reset,
            leave: () => {
              forget(part, business.id);
              blocker.proceed();
            },
          }
        : null,
  };
}
