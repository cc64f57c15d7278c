import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef } from "react";
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

/** The browser's own modal: it keeps the focus, closes on Escape and makes the rest inert. */
export function Dialog({ title, onClose, children, footer, anchor, className }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();

  useLayoutEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    const before = document.activeElement;
    if (!dialog.open) dialog.showModal();
    // The browser would focus the button that closes.
    const first =
      dialog.querySelector<HTMLElement>("[data-autofocus]") ??
      dialog.querySelector<HTMLElement>(
        ".dialog-body :is(button, input, select, a[href]), .dialog-foot button:last-child",
      );
    first?.focus({ preventScroll: true });
    return () => {
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
    const cancel = (event: Event) => {
      event.preventDefault();
      onClose();
    };
    dialog.addEventListener("cancel", cancel);
    return () => dialog.removeEventListener("cancel", cancel);
  }, [onClose]);

  return (
    <dialog
      ref={ref}
      className={["dialog", anchor ? "popover" : "", className ?? ""].join(" ").trim()}
      aria-labelledby={heading}
      onPointerDown={(event) => {
        // A press on the backdrop reports the dialog itself, outside its box.
        if (event.target !== ref.current) return;
        const box = ref.current.getBoundingClientRect();
        const inside =
          event.clientX >= box.left &&
          event.clientX <= box.right &&
          event.clientY >= box.top &&
          event.clientY <= box.bottom;
        if (!inside) onClose();
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
    </dialog>
  );
}

/** A question with two answers. */
export function Confirm(props: {
  title: string;
  yes: string;
  no: string;
  danger?: boolean;
  onYes: () => void;
  onNo: () => void;
}) {
  return (
    <Dialog
      title={props.title}
      onClose={props.onNo}
      footer={
        <>
          <Button onClick={props.onNo}>{props.no}</Button>
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
