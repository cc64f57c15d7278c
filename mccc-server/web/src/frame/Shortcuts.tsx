import { t } from "@/strings";
import { Dialog } from "@/ui/Dialog";
import { Kbd } from "@/ui/controls";

type Row = [keys: readonly string[], words: string];

const rows = t.shortcuts.rows;
const GROUPS: readonly { title: string; rows: readonly Row[] }[] = [
  {
    title: t.shortcuts.everywhere,
    rows: [
      [["⌘ K", "Ctrl K"], rows.palette],
      [["/"], rows.search],
      [["g c"], rows.goCalls],
      [["g d"], rows.goCalendar],
      [["g r"], rows.goRouting],
      [["?"], rows.help],
    ],
  },
  {
    title: t.shortcuts.lists,
    rows: [
      [["j"], rows.next],
      [["k"], rows.previous],
      [["Enter"], rows.open],
      [["r"], rows.reply],
      [["Esc"], rows.close],
    ],
  },
  {
    title: t.shortcuts.grid,
    rows: [
      [["↑ ↓ ← →"], rows.move],
      [["Shift ↑ ↓ ← →"], rows.extend],
      [["1", "2", "3", "4", "5"], rows.paint],
      [["Enter"], rows.choose],
      [["Ctrl Z", "Ctrl Y"], rows.undo],
      [["Ctrl S"], rows.save],
    ],
  },
];

export function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t.shortcuts.title} onClose={onClose}>
      {GROUPS.map((group) => (
        <section key={group.title} className="shortcuts">
          <h3>{group.title}</h3>
          <dl>
            {group.rows.map(([keys, words]) => (
              <div key={words}>
                <dt>{words}</dt>
                <dd>
                  {keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
