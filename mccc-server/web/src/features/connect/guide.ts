import { national } from "@/lib/format";

/** Digits as they are dialled: ten of them for a North American number. */
export function dialled(number: string): string {
  return number.replace(/^\+1(?=\d{10}$)/, "").replace(/\D/g, "");
}

/** `+1 (512) 555-0199` */
export function international(number: string): string {
  const shown = national(number);
  return shown.startsWith("(") ? `+1 ${shown}` : shown;
}

/** A sentence with the forwarding number in its place, as people write it. */
export function filled(text: string, number: string): string {
  return text.replaceAll("{{number}}", national(number));
}

/** A code with the forwarding number in its place, as it is dialled. */
export function filledCode(code: string, number: string): string {
  return code.replaceAll("{{number}}", dialled(number));
}

/** A note in parts; what stands in brackets leads to help. */
export function noteParts(note: string): { text: string; help: boolean }[] {
  return note
    .split(/(\[[^\]]*\])/)
    .filter((part) => part !== "")
    .map((part) => (part.startsWith("[") ? { text: part.slice(1, -1), help: true } : { text: part, help: false }));
}

/** Address that dials a code; the hash sign would end the address otherwise. */
export function dialHref(code: string): string {
  return `tel:${code.replaceAll("#", "%23")}`;
}

export function isAreaCode(text: string): boolean {
  return /^[2-9]\d{2}$/.test(text);
}

/** The area code of a North American number, or nothing. */
export function areaCodeOf(phone: string | null): string {
  return /^\+1(\d{3})\d{7}$/.exec(phone ?? "")?.[1] ?? "";
}
