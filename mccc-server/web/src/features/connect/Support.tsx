import { t } from "@/strings";
import { Dialog } from "@/ui/Dialog";

/** Whom to ask. */
export function Support({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t.connect.support} onClose={onClose}>
      <p>{t.connect.supportBody}</p>
    </Dialog>
  );
}
