import { Link } from "@tanstack/react-router";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { Dialog } from "@/ui/Dialog";
import type { PageLink } from "./pages";

/** The pages that the bar of a phone has no room for. */
export function More(props: { pages: PageLink[]; onClose: () => void }) {
  const { business } = useCurrent();
  return (
    <Dialog title={t.frame.more} onClose={props.onClose}>
      <ul className="more-list">
        {props.pages.map((page) => (
          <li key={page.to}>
            <Link
              to={page.to}
              params={{ business: business.id }}
              activeProps={{ "aria-current": "page" }}
              onClick={props.onClose}
            >
              <page.icon size={20} aria-hidden="true" />
              {page.name}
            </Link>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
