import { useNavigate } from "@tanstack/react-router";
import { Keyboard, LogOut } from "lucide-react";
import { useState } from "react";
import { useCurrent } from "@/lib/business";
import { type Theme, applyTheme, savedTheme } from "@/lib/theme";
import { t } from "@/strings";
import { type Anchor, Dialog } from "@/ui/Dialog";
import { Button, Field, Segmented, Select } from "@/ui/controls";

const THEMES: readonly Theme[] = ["auto", "light", "dark"];

export function Account(props: {
  anchor: Anchor;
  onClose: () => void;
  onSignOut: () => void;
  onShortcuts: () => void;
}) {
  const { session, business } = useCurrent();
  const [theme, setTheme] = useState(savedTheme);
  const navigate = useNavigate();
  return (
    <Dialog title={session.user.name || session.user.email} anchor={props.anchor} onClose={props.onClose}>
      {session.user.name !== "" && <p className="quiet">{session.user.email}</p>}
      {session.businesses.length > 1 && (
        <Field label={t.frame.business}>
          {(ids) => (
            <Select
              {...ids}
              value={business.id}
              onChange={(event) => {
                props.onClose();
                void navigate({ to: "/b/$business/calls", params: { business: event.target.value } });
              }}
            >
              {session.businesses.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      <Segmented
        label={t.frame.theme}
        value={theme}
        options={THEMES.map((value) => ({ value, label: t.frame.themes[value] }))}
        onChange={(next) => {
          setTheme(next);
          applyTheme(next);
        }}
      />
      <div className="stack">
        <Button look="quiet" onClick={props.onShortcuts}>
          <Keyboard size={16} aria-hidden="true" />
          {t.frame.shortcuts}
        </Button>
        <Button look="quiet" onClick={props.onSignOut}>
          <LogOut size={16} aria-hidden="true" />
          {t.frame.signOut}
        </Button>
      </div>
      <p className="quiet">{t.frame.version(session.version)}</p>
    </Dialog>
  );
}
