import type { UseQueryResult } from "@tanstack/react-query";
import { Hash, type LucideIcon, Mail, MessageSquareText } from "lucide-react";
import type { ReactNode } from "react";
import type { ChannelName, ChannelView, NotificationsView } from "@/api/types";
import type { Draft } from "@/shared/useDraft";
import { t } from "@/strings";
import { Field, Input } from "@/ui/controls";
import { Banner, ErrorState, Pill, Skeleton } from "@/ui/states";
import { Slack } from "./Slack";
import { Test } from "./Test";
import { CHANNELS, type Notices, mistakesIn } from "./notices";

const ICONS: Record<ChannelName, LucideIcon> = { text: MessageSquareText, slack: Hash, email: Mail };

interface ChannelsProps {
  draft: Draft<Notices>;
  showMistakes: boolean;
  state: UseQueryResult<NotificationsView>;
  profileAddress: string | null;
}

/** By what the owner is told, where that leads, and whether it works. */
export function Channels({ draft, showMistakes, state, profileAddress }: ChannelsProps) {
  const { value, change } = draft;
  const local = showMistakes ? mistakesIn(value) : {};
  // The server's own words where it refuses what this page let pass.
  const refused = (place: string) => draft.fields.find((one) => one.field === `/notifications/${place}`)?.message;
  const stateOf = (channel: ChannelName) => state.data?.channels.find((one) => one.channel === channel);

  const inside: Record<ChannelName, ReactNode> = {
    text: (
      <Field
        label={t.notifications.phone}
        help={t.notifications.phoneHelp}
        error={local.phone ?? refused("text/phone")}
      >
        {(ids) => (
          <Input
            {...ids}
            type="tel"
            autoComplete="tel"
            value={value.phone}
            onChange={(event) => change({ ...value, phone: event.target.value })}
          />
        )}
      </Field>
    ),
    slack: <Slack connected={stateOf("slack")?.connected} on={draft.saved.on.slack} />,
    email: (
      <Field
        label={t.notifications.address}
        help={t.notifications.addressHelp(profileAddress)}
        error={local.address ?? refused("email/address")}
      >
        {(ids) => (
          <Input
            {...ids}
            type="email"
            autoComplete="email"
            value={value.address}
            onChange={(event) => change({ ...value, address: event.target.value })}
          />
        )}
      </Field>
    ),
  };

  return (
    <section className="part" aria-labelledby="channels-heading">
      <h2 id="channels-heading">{t.notifications.channels}</h2>
      <p className="quiet">{t.notifications.channelsAbout}</p>
      {state.isError && !state.data && <ErrorState error={state.error} onRetry={() => void state.refetch()} />}
      <label className="check">
        <input
          type="checkbox"
          checked={value.immediate}
          aria-describedby="immediate-about"
          onChange={(event) => change({ ...value, immediate: event.target.checked })}
        />
        {t.notifications.immediate}
      </label>
      <p id="immediate-about" className="field-help">
        {t.notifications.immediateAbout}
      </p>
      {CHANNELS.map((channel) => (
        <Channel
          key={channel}
          channel={channel}
          state={stateOf(channel)}
          pending={state.isPending}
          on={value.on[channel]}
          changed={isChanged(draft, channel)}
          onSwitch={(on) => change({ ...value, on: { ...value.on, [channel]: on } })}
        >
          {inside[channel]}
        </Channel>
      ))}
      <Test dirty={draft.dirty} />
    </section>
  );
}

/** Whether what the server says of a channel is about something else than what is shown. */
function isChanged({ value, saved }: Draft<Notices>, channel: ChannelName): boolean {
  if (value.on[channel] !== saved.on[channel]) return true;
  if (channel === "text") return value.phone !== saved.phone;
  return channel === "email" && value.address !== saved.address;
}

function Channel(props: {
  channel: ChannelName;
  state: ChannelView | undefined;
  pending: boolean;
  on: boolean;
  changed: boolean;
  onSwitch: (on: boolean) => void;
  children: ReactNode;
}) {
  const { channel, state, on, changed } = props;
  const Icon = ICONS[channel];
  const words = t.notifications.channel[channel];
  return (
    <section className="notices-channel" aria-labelledby={`channel-${channel}`}>
      <div className="part-head">
        <h3 id={`channel-${channel}`}>
          <Icon size={16} aria-hidden="true" />
          {words.name}
        </h3>
        {props.pending ? (
          <Skeleton width={64} height={22} />
        ) : changed ? (
          <Pill>{t.notifications.state.changed}</Pill>
        ) : !on ? (
          <Pill>{t.notifications.state.off}</Pill>
        ) : state?.connected ? (
          <Pill tone="good">{t.notifications.state.works}</Pill>
        ) : (
          <Pill tone="problem">{t.notifications.state.broken}</Pill>
        )}
      </div>
      <label className="check">
        <input type="checkbox" checked={on} onChange={(event) => props.onSwitch(event.target.checked)} />
        {words.on}
      </label>
      {state?.problem && !changed && on && <Banner tone="attention">{state.problem}</Banner>}
      {state?.problem && !changed && !on && channel === "email" && <p className="quiet">{state.problem}</p>}
      {props.children}
    </section>
  );
}
