import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { t } from "@/strings";
import { Button } from "./controls";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
  /** Where a popover belongs, in viewport coordinates; without it the dialog stands in the middle. */
  anchor?: Anchor;
  className?: string;
}

export interface Anchor {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Fields that are filled in; a search is none. */
const FIELDS = ".dialog-body :is(input, select, textarea):not([role=combobox])";

/**
 * The browser's own modal: it keeps the focus, closes on Escape and makes the rest inert. One in which something was
 * filled in is not closed by a press beside it, and Escape asks first.
 */
export function Dialog({ title, onClose, children, footer, anchor, className }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const open = useRef(false);
  const [touched, setTouched] = useState(false);
  const [asking, setAsking] = useState(false);
  const dirty = () => touched && ref.current?.querySelector(FIELDS) !== null;

  useLayoutEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    const before = document.activeElement;
    open.current = true;
    if (!dialog.open) dialog.showModal();
    // The browser would focus the button that closes.
    const first =
      dialog.querySelector<HTMLElement>("[data-autofocus]") ??
      dialog.querySelector<HTMLElement>(
        ".dialog-body :is(button, input, select, a[href]), .dialog-foot button:last-child",
      );
    first?.focus({ preventScroll: true });
    return () => {
      open.current = false;
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);

  useLayoutEffect(() => {
    const dialog = ref.current;
    if (!dialog || !anchor || window.matchMedia("(max-width: 640px)").matches) return;
    const { width, height } = dialog.getBoundingClientRect();
    const gap = 8;
    const fitsRight = anchor.right + gap + width <= window.innerWidth - gap;
    const left = fitsRight ? anchor.right + gap : Math.max(gap, anchor.left - gap - width);
    const top = Math.max(gap, Math.min(anchor.top, window.innerHeight - height - gap));
    dialog.style.left = `${left}px`;
    dialog.style.top = `${top}px`;
  }, [anchor]);

  // The element's own events, as React knows `cancel` of a dialog only in part.
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    const leave = (event: Event) => {
      if (event.target !== dialog && event.type !== "keydown") return;
      event.preventDefault();
      if (dirty()) setAsking(true);
      else onClose();
    };
    // Taken as a key: a browser closes a dialog that refuses to be cancelled when it is asked again.
    const press = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.stopPropagation();
      leave(event);
    };
    const closed = (event: Event) => {
      if (event.target === dialog && open.current) onClose();
    };
    dialog.addEventListener("keydown", press);
    dialog.addEventListener("cancel", leave);
    dialog.addEventListener("close", closed);
    return () => {
      dialog.removeEventListener("keydown", press);
      dialog.removeEventListener("cancel", leave);
      dialog.removeEventListener("close", closed);
    };
  });

  return (
    <dialog
      ref={ref}
      className={["dialog", anchor ? "popover" : "", className ?? ""].join(" ").trim()}
      aria-labelledby={heading}
      onInput={(event) => {
        if (event.target instanceof Element && event.target.matches(FIELDS)) setTouched(true);
      }}
      onPointerDown={(event) => {
        // A press on the backdrop reports the dialog itself, outside its box.
        if (event.target !== ref.current) return;
        const box = ref.current.getBoundingClientRect();
        const inside =
          event.clientX >= box.left &&
          event.clientX <= box.right &&
          event.clientY >= box.top &&
          event.clientY <= box.bottom;
        if (!inside && !dirty()) onClose();
      }}
    >
      <div className="dialog-head">
        <h2 id={heading}>{title}</h2>
        <Button look="quiet" iconOnly aria-label={t.common.close} onClick={onClose}>
          <X size={18} aria-hidden="true" />
        </Button>
      </div>
      <div className="dialog-body">{children}</div>
      {footer && <div className="dialog-foot">{footer}</div>}
      {asking && (
        <Confirm
          title={t.common.discardAsk}
          yes={t.common.discard}
          no={t.common.keepEditing}
          danger
          safe
          onYes={onClose}
          onNo={() => setAsking(false)}
        />
      )}
    </dialog>
  );
}

/** A question with two answers. */
export function Confirm(props: {
  title: string;
  yes: string;
  no: string;
  danger?: boolean;
  /** The focus is on the answer that changes nothing. */
  safe?: boolean;
  onYes: () => void;
  onNo: () => void;
}) {
  return (
    <Dialog
      title={props.title}
      onClose={props.onNo}
      footer={
        <>
          <Button data-autofocus={props.safe || undefined} onClick={props.onNo}>
            {props.no}
          </Button>
          <Button look={props.danger ? "danger" : "primary"} onClick={props.onYes}>
            {props.yes}
          </Button>
        </>
      }
    >
      {null}
    </Dialog>
  );
}
