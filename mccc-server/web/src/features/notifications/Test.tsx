import { useMutation, useQuery } from "@tanstack/react-query";
import { BellRing } from "lucide-react";
import { api, ofBusiness } from "@/api/client";
import { notices } from "@/api/queries";
import type { TestSent } from "@/api/types";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { Button } from "@/ui/controls";
import { Banner, sentenceOf } from "@/ui/states";
import { trial } from "./notices";

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

function Outcome(props: TestSent & { since: number; heard: readonly { seq: number; kind: string }[] }) {
  if (props.channels.length === 0) return <Banner tone="attention">{t.notifications.testNone}</Banner>;
  const { asked, told, failed } = trial(props.channels.length, props.since, props.heard);
  const left = asked - told - failed;
  const names = t.list(props.channels.map((channel) => t.notifications.channel[channel].short));
  return (
    <Banner tone={failed > 0 ? "problem" : left === 0 ? "good" : "info"}>
      <p>{t.notifications.testBy(names)}</p>
      {told > 0 && <p>{t.notifications.testTold(told, asked)}</p>}
      {failed > 0 && <p>{t.notifications.testFailed(failed, asked)}</p>}
      {left > 0 && <p>{t.notifications.testWaits(left)}</p>}
    </Banner>
  );
}
