import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { RotateCw } from "lucide-react";
import { ApiError } from "@/api/client";
import { t } from "@/strings";
import { Button } from "@/ui/controls";
import { sentenceOf } from "@/ui/states";

export function Crashed({ error }: ErrorComponentProps) {
  return (
    <main className="lonely" role="alert">
      <h1>{error instanceof ApiError ? t.errors.title : t.errors.pageTitle}</h1>
      <p>{error instanceof ApiError ? sentenceOf(error) : t.errors.pageBody}</p>
      <Button onClick={() => window.location.reload()}>
        <RotateCw size={16} aria-hidden="true" />
        {t.errors.reload}
      </Button>
    </main>
  );
}

export function NotFound() {
  return (
    <main className="lonely">
      <h1>{t.notFound.title}</h1>
      <p>{t.notFound.body}</p>
      <Link to="/">{t.notFound.go}</Link>
    </main>
  );
}
