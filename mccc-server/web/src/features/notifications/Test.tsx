import { useMutation, useQuery } from "@tanstack/react-query";
import { BellRing } from "lucide-react";
import { api, ofBusiness } from "@/api/client";
import { notices } from "@/api/queries";
import type { TestSent } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { Button } from "@/ui/controls";
import { Banner, sentenceOf } from "@/ui/states";
import { type Heard, trials } from "./notices";

/** Sends a test by every channel, and says what came of it as the feed tells. */
export function Test({ dirty }: { dirty: boolean }) {
  const { business } = useCurrent();
  const heard = useQuery(notices(business.id)).data;
  const test = useMutation({
    // What was heard before the test is about something else.
    mutationFn: async () => {
      const since = heard.at(-1)?.seq ?? 0;
      const { channels } = await api.post<TestSent>(ofBusiness(business.id, "/notifications/test"));
      return { since, channels };
    },
  });
  return (
    <div className="notices-test">
      <div className="notices-actions">
        <Button disabled={dirty} busy={test.isPending} aria-describedby="test-about" onClick={() => test.mutate()}>
          <BellRing size={16} aria-hidden="true" />
          {t.notifications.test}
        </Button>
        <p id="test-about" className="field-help">
          {dirty ? t.notifications.testSaved : t.notifications.testAbout}
        </p>
      </div>
      {test.error && (
        <Banner tone="problem" alert>
          {sentenceOf(test.error)}
        </Banner>
      )}
      <div role="status">{test.data && <Outcome {...test.data} heard={heard} />}</div>
    </div>
  );
}

function Outcome(props: TestSent & { since: number; heard: readonly Heard[] }) {
  if (props.channels.length === 0) return <Banner tone="attention">{t.notifications.testNone}</Banner>;
  const all = trials(props.channels, props.since, props.heard);
  const tone = all.some((one) => one.state === "failed")
    ? "problem"
    : all.every((one) => one.state === "told")
      ? "good"
      : "info";
  return (
    <Banner tone={tone}>
      <ul>
        {all.map((one) => (
          <li key={one.channel}>
            {t.notifications.testOf(t.notifications.channel[one.channel].short, t.notifications.trial[one.state])}{" "}
            {one.reason}
          </li>
        ))}
      </ul>
    </Banner>
  );
}
