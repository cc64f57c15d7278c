/** How a text is billed: characters in the narrow alphabet or the wide one, and how many segments they need. */
export interface Segments {
  encoding: "gsm7" | "ucs2";
  /** Units used: septets in the narrow alphabet, UTF-16 units in the wide one. */
  units: number;
  segments: number;
}

// 3GPP TS 23.038: the default alphabet, and the characters that cost an escape.
const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("\f^{}\\[~]|€");

/** Longest text a person may send, in characters. */
export const LONGEST_TEXT = 1_600;

export function segmentsOf(text: string): Segments {
  const costs: number[] = [];
  for (const char of text) {
    if (BASIC.has(char)) costs.push(1);
    else if (EXTENDED.has(char)) costs.push(2);
    else return wide(text);
  }
  return { encoding: "gsm7", units: sum(costs), segments: pack(costs, 160, 153) };
}

function wide(text: string): Segments {
  const costs = Array.from(text, (char) => char.length);
  return { encoding: "ucs2", units: sum(costs), segments: pack(costs, 70, 67) };
}

/** A character is never cut in two, so a segment may stay one unit short. */
function pack(costs: number[], single: number, part: number): number {
  const units = sum(costs);
  if (units === 0) return 0;
  if (units <= single) return 1;
  let segments = 1;
  let used = 0;
  for (const cost of costs) {
    if (used + cost > part) {
      segments += 1;
      used = 0;
    }
    used += cost;
  }
  return segments;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
