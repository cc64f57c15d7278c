import type { Method } from "@/api/types";
import { METHODS, METHOD_KEYS, methodOfKey } from "@/lib/methods";
import { t } from "@/strings";
import { Dialog } from "@/ui/Dialog";
import { MethodIcons } from "@/ui/Method";
import { Button, Kbd } from "@/ui/controls";
import type { Choice } from "./WeekGrid";
import { indicesIn } from "./grid";
import { rowClock, shortDayWord } from "./words";

function titleOf({ rect }: Choice): string {
  const count = indicesIn(rect).length;
  if (count > 1) return t.routing.setMany(count);
  return t.routing.setOne(shortDayWord(rect.left), rowClock(rect.top), rowClock(rect.top + 1));
}

/** Sets the method of what is selected; a sheet from below on a phone. */
export function MethodPopover(props: {
  choice: Choice;
  onPaint: (method: Method) => void;
  onExtend: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={titleOf(props.choice)} anchor={props.choice.box} onClose={props.onClose} className="method-popover">
      <div
        className="method-options"
        role="group"
        aria-label={t.routing.legend}
        onKeyDown={(event) => {
          const method = methodOfKey(event.key);
          if (method) {
            event.preventDefault();
            props.onPaint(method);
            return;
          }
          const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (!by) return;
          event.preventDefault();
          const buttons = [...event.currentTarget.querySelectorAll("button")];
          const at = buttons.findIndex((button) => button === document.activeElement);
          buttons[(at + by + buttons.length) % buttons.length]?.focus();
        }}
      >
        {METHODS.map((method, index) => (
          <button
            key={method}
            type="button"
            className="method-option"
            data-method={method}
            data-autofocus={index === 0 || undefined}
            onClick={() => props.onPaint(method)}
          >
            <span className="method-chip" data-method={method}>
              <MethodIcons method={method} />
            </span>
            <span className="method-words">
              <span>{t.method.name[method]}</span>
              <span className="quiet">{t.method.about[method]}</span>
            </span>
            <Kbd>{METHOD_KEYS[method]}</Kbd>
          </button>
        ))}
      </div>
      <div className="touch-only">
        <Button look="quiet" onClick={props.onExtend}>
          {t.routing.extend}
        </Button>
      </div>
    </Dialog>
  );
}
