import type { Settings, SettingsDocument } from "@/api/types";

/** A part of the settings that one page edits. */
export interface Part<T> {
  /** Names the part where unsaved edits are kept. */
  name: string;
  read: (settings: Settings) => T;
  write: (settings: Settings, value: T) => Settings;
}

/** What a person edits, and what it is compared with. */
export interface Editing<T> {
  /** The document that the edits started from. */
  base: SettingsDocument;
  value: T;
}

export const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

export function isDirty<T>(part: Part<T>, editing: Editing<T>): boolean {
  return !same(part.read(editing.base.settings), editing.value);
}

/**
 * A newer document arrives. Without edits it is shown. With edits it takes the place of the one they started from, as
 * long as this part of it is the same; where somebody else changed this part, the edits stay on the old one, so that
 * saving is refused and the person decides.
 */
export function arrived<T>(part: Part<T>, editing: Editing<T>, document: SettingsDocument): Editing<T> {
  // An answer that was overtaken by a save is older than what is shown.
  if (document.version <= editing.base.version) return editing;
  const theirs = part.read(document.settings);
  if (!isDirty(part, editing) || same(theirs, editing.value)) return { base: document, value: theirs };
  if (same(theirs, part.read(editing.base.settings))) return { base: document, value: editing.value };
  return editing;
}

const key = (part: string, business: string) => `mccc.${part}.${business}`;

/** Keeps unsaved edits over a reload or a crash. */
export function keep<T>(part: Part<T>, business: string, editing: Editing<T>): void {
  if (!isDirty(part, editing)) {
    localStorage.removeItem(key(part.name, business));
    return;
  }
  const kept = { over: part.read(editing.base.settings), value: editing.value };
  localStorage.setItem(key(part.name, business), JSON.stringify(kept));
}

export function forget<T>(part: Part<T>, business: string): void {
  localStorage.removeItem(key(part.name, business));
}

/** Edits kept earlier; those made over other settings are of no use. */
export function kept<T>(part: Part<T>, business: string, document: SettingsDocument): T | null {
  const text = localStorage.getItem(key(part.name, business));
  if (text === null) return null;
  try {
    const found = JSON.parse(text) as { over: unknown; value: T };
    const saved = part.read(document.settings);
    return same(found.over, saved) && !same(found.value, saved) ? found.value : null;
  } catch {
    return null;
  }
}
