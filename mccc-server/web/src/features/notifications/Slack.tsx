import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, api, ofBusiness } from "@/api/client";
import { notifications } from "@/api/queries";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { Confirm } from "@/ui/Dialog";
import { Button, Field, Input } from "@/ui/controls";
import { Banner, sentenceOf } from "@/ui/states";
import { toast } from "@/ui/toast";

/** Connects a Slack channel by an address that is a secret: it goes to the server and never comes back. */
export function Slack({ connected, on }: { connected: boolean | undefined; on: boolean }) {
  const { business } = useCurrent();
  const client = useQueryClient();
  const [url, setUrl] = useState("");
  const [missing, setMissing] = useState(false);
  const [other, setOther] = useState(false);
  const [asking, setAsking] = useState(false);
  const path = ofBusiness(business.id, "/notifications/slack");
  const refresh = () => client.invalidateQueries({ queryKey: notifications(business.id).queryKey });
  const connect = useMutation({
    mutationFn: (address: string) => api.put<void>(path, { url: address }),
    onSuccess: async () => {
      setUrl("");
      setOther(false);
      await refresh();
      toast(on ? t.notifications.connected : t.notifications.connectedOff);
    },
  });
  const disconnect = useMutation({
    mutationFn: () => api.delete<void>(path),
    onSuccess: async () => {
      await refresh();
      toast(t.notifications.disconnected);
    },
  });

  const wrong = connect.error instanceof ApiError ? connect.error.fields.find((one) => one.field === "/url") : undefined;
  const send = () => {
    setMissing(url.trim() === "");
    if (url.trim() !== "") connect.mutate(url.trim());
  };
  if (connected === undefined) return null;
  return (
    <>
      {connected && !other && <p>{t.notifications.connectedTo}</p>}
      {(!connected || other) && (
        <form
          className="notices-slack"
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          <Field
            label={t.notifications.webhook}
            help={t.notifications.webhookHelp}
            error={missing ? t.notifications.webhookNeeded : wrong?.message}
          >
            {(ids) => (
              <Input
                {...ids}
                type="password"
                autoComplete="off"
                spellCheck={false}
                placeholder={t.notifications.webhookExample}
                value={url}
                onChange={(event) => {
                  setUrl(event.target.value);
                  setMissing(false);
                  connect.reset();
                }}
              />
            )}
          </Field>
          <div className="notices-actions">
            <Button type="submit" busy={connect.isPending}>
              {t.notifications.connect}
            </Button>
            {other && (
              <Button
                look="quiet"
                onClick={() => {
                  setOther(false);
                  setUrl("");
                  connect.reset();
                }}
              >
                {t.notifications.keep}
              </Button>
            )}
          </div>
        </form>
      )}
      {connect.error && !wrong && (
        <Banner tone="problem" alert>
          {sentenceOf(connect.error)}
        </Banner>
      )}
      {disconnect.error && (
        <Banner tone="problem" alert>
          {sentenceOf(disconnect.error)}
        </Banner>
      )}
      {connected && !other && (
        <div className="notices-actions">
          <Button onClick={() => setOther(true)}>{t.notifications.other}</Button>
          <Button busy={disconnect.isPending} onClick={() => setAsking(true)}>
            {t.notifications.disconnect}
          </Button>
        </div>
      )}
      {asking && (
        <Confirm
          title={t.notifications.disconnectAsk}
          yes={t.notifications.disconnect}
          no={t.notifications.stay}
          danger
          onNo={() => setAsking(false)}
          onYes={() => {
            setAsking(false);
            disconnect.mutate();
          }}
        />
      )}
    </>
  );
}
