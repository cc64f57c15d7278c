import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Eye, EyeOff } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { ApiError, api } from "@/api/client";
import mark from "@/assets/favicon.svg";
import { t } from "@/strings";
import { Button, Field, Input } from "@/ui/controls";
import { Banner, sentenceOf } from "@/ui/states";
import "./signin.css";

/** Only paths of this application are followed after signing in. */
export function safeNext(next: string | undefined): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith("/signin") ? next : "/";
}

export function SignIn() {
  const { next, link, ended } = useSearch({ from: "/signin" });
  const navigate = useNavigate();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [missing, setMissing] = useState<{ email?: string; password?: string }>({});

  useEffect(() => {
    document.title = t.title(t.signin.title, 0);
  }, []);

  const signIn = useMutation({
    mutationFn: () => api.post("/session", { email: email.trim(), password }),
    onSuccess: async () => {
      client.clear();
      await navigate({ to: safeNext(next), replace: true });
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = {
      ...(email.trim() === "" ? { email: t.signin.needEmail } : {}),
      ...(password === "" ? { password: t.signin.needPassword } : {}),
    };
    setMissing(found);
    if (!found.email && !found.password && !signIn.isPending) signIn.mutate();
  };

  const wrong = signIn.error instanceof ApiError && [400, 401, 422].includes(signIn.error.status);
  return (
    <main className="signin">
      <form className="signin-card" onSubmit={submit} noValidate>
        <img src={mark} width={44} height={44} alt="" />
        <div>
          <p className="signin-product">{t.productLong}</p>
          <h1>{t.signin.title}</h1>
          <p className="signin-lead">{t.signin.lead}</p>
        </div>
        {link && !signIn.isError && <Banner tone="attention">{t.signin.linkUsed}</Banner>}
        {ended && !link && !signIn.isError && <Banner>{t.signin.ended}</Banner>}
        {signIn.isError && (
          <Banner tone="problem" alert>
            {wrong ? t.signin.wrong : sentenceOf(signIn.error)}
          </Banner>
        )}
        <Field label={t.signin.email} error={missing.email}>
          {(ids) => (
            <Input
              {...ids}
              type="email"
              name="email"
              autoComplete="username"
              autoFocus
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Field label={t.signin.password} error={missing.password}>
          {(ids) => (
            <div className="signin-password">
              <Input
                {...ids}
                type={shown ? "text" : "password"}
                name="password"
                autoComplete="current-password"
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
              <Button
                iconOnly
                look="quiet"
                aria-pressed={shown}
                aria-label={shown ? t.signin.hide : t.signin.show}
                onClick={() => setShown(!shown)}
              >
                {shown ? <EyeOff size={18} aria-hidden="true" /> : <Eye size={18} aria-hidden="true" />}
              </Button>
            </div>
          )}
        </Field>
        <Button type="submit" look="primary" busy={signIn.isPending}>
          {t.signin.submit}
        </Button>
        <p className="signin-note">{t.signin.link}</p>
      </form>
    </main>
  );
}
