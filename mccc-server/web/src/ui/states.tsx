import { CircleAlert, CircleCheck, Info, type LucideIcon, OctagonAlert, RotateCw } from "lucide-react";
import type { CSSProperties, ReactNode } from "react";
import { ApiError } from "@/api/client";
import { t } from "@/strings";
import { Label } from "./Label";
import { Button } from "./controls";

export type Tone = "good" | "attention" | "problem" | "info";

export const TONE_ICONS: Record<Tone, LucideIcon> = {
  good: CircleCheck,
  attention: CircleAlert,
  problem: OctagonAlert,
  info: Info,
};

export function Banner(props: { tone?: Tone; children: ReactNode; actions?: ReactNode; alert?: boolean }) {
  const tone = props.tone ?? "info";
  const Icon = TONE_ICONS[tone];
  return (
    <div className="banner" data-tone={tone} role={props.alert ? "alert" : undefined}>
      <Icon size={18} aria-hidden="true" />
      <div className="banner-body">
        {typeof props.children === "string" ? <p>{props.children}</p> : props.children}
        {props.actions && <div className="banner-actions">{props.actions}</div>}
      </div>
    </div>
  );
}

/** What went wrong, in words a person can act on. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof ApiError)) return t.errors.unknown;
  if (error.unreachable) return t.errors.unreachable;
  if (error.status === 429) return error.retryAfter ? t.errors.tooManyFor(error.retryAfter) : t.errors.tooMany;
  if (error.status === 404) return t.errors.notFound;
  if (error.status === 403) return t.errors.forbidden;
  if (error.status >= 500) return t.errors.server;
  return error.message || t.errors.unknown;
}

export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div className="empty" role="alert">
      <OctagonAlert size={28} aria-hidden="true" />
      <h2>{t.errors.title}</h2>
      <p>{sentenceOf(error)}</p>
      {onRetry && (
        <div className="empty-actions">
          <Button onClick={onRetry}>
            <RotateCw size={16} aria-hidden="true" />
            {t.common.retry}
          </Button>
        </div>
      )}
    </div>
  );
}

export function Empty(props: { icon: LucideIcon; title: string; body?: string; children?: ReactNode }) {
  const Icon = props.icon;
  return (
    <div className="empty">
      <Icon size={28} aria-hidden="true" />
      <h2>{props.title}</h2>
      {props.body && <p>{props.body}</p>}
      {props.children && <div className="empty-actions">{props.children}</div>}
    </div>
  );
}

export function Skeleton({ width, height = 16 }: { width?: number | string; height?: number }) {
  const style: CSSProperties = { width: width ?? "100%", height };
  return <span className="skeleton" style={style} aria-hidden="true" />;
}

export function Pill({ tone, icon: Icon, children }: { tone?: Tone; icon?: LucideIcon; children: ReactNode }) {
  return (
    <span className="pill" data-tone={tone}>
      {Icon && <Icon size={13} aria-hidden="true" />}
      {typeof children === "string" ? <Label size={13}>{children}</Label> : children}
    </span>
  );
}
