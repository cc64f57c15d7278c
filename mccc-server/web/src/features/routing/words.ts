import { wallClock } from "@/lib/format";
import { t } from "@/strings";
import { type GridCell, type Pos, ROWS, dayOfColumn, timeOfRow } from "./grid";
import { type Sentence, isWholeDay, rangesOf } from "./sentences";

export function dayWord(column: number): string {
  return t.days[dayOfColumn(column)] ?? "";
}

export function shortDayWord(column: number): string {
  return t.daysShort[dayOfColumn(column)] ?? "";
}

export function rowClock(row: number): string {
  return wallClock(timeOfRow(row));
}

/** `8 AM`, `8:30 AM` */
export function shortClock(row: number): string {
  if (row === ROWS) return t.midnight;
  return rowClock(row).replace(":00", "").replace(" ", "\u00a0");
}

export function methodWord(cell: GridCell): string {
  if (cell.split) {
    const [first, second] = cell.split;
    return t.routing.splitCell(first ? t.method.name[first] : "", second ? t.method.name[second] : "");
  }
  return cell.method === null ? t.method.unassigned : t.method.name[cell.method];
}

/** `Monday 8:00 AM – 8:30 AM: AI Voice` */
export function cellWords({ column, row }: Pos, cell: GridCell): string {
  return t.routing.cell(dayWord(column), rowClock(row), rowClock(row + 1), methodWord(cell));
}

/** `Monday to Friday, Sunday` */
export function daysWords(columns: readonly number[]): string {
  if (columns.length === 7) return t.routing.everyDay;
  return t.list(
    rangesOf(columns).flatMap(([first, last]) => {
      if (first === last) return [dayWord(first)];
      if (last === first + 1) return [dayWord(first), dayWord(last)];
      return [t.routing.dayRange(dayWord(first), dayWord(last))];
    }),
  );
}

export function sentenceWords(sentence: Sentence): string {
  const days = daysWords(sentence.columns);
  if (isWholeDay(sentence)) return t.routing.wholeDay(days);
  return t.routing.sentence(days, shortClock(sentence.top), shortClock(sentence.bottom + 1));
}
