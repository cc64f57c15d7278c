import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleCheck } from "lucide-react";
import { useRef } from "react";
import { forwarding as forwardingQuery, guides as guidesQuery, health } from "@/api/queries";
import type { Forwarding } from "@/api/types";
import { PageHead } from "@/frame/Frame";
import { useTitle } from "@/frame/title";
import { useCurrent } from "@/lib/business";
import { Codes } from "@/shared/Codes";
import { t } from "@/strings";
import { Label } from "@/ui/Label";
import { Banner, ErrorState, Pill, Skeleton } from "@/ui/states";
import { BusinessPhone } from "./BusinessPhone";
import { NumberCard } from "./NumberCard";
import { Providers } from "./Providers";
import { TestCard } from "./TestCard";
import "./connect.css";

const c = t.connect;

export function ConnectPage() {
  const { business } = useCurrent();
  useTitle(c.title);
  const forwarding = useQuery(forwardingQuery(business.id));
  const guides = useQuery(guidesQuery(business.id));
  // Where forwarding was proved once, the only thing left to say is that no calls come any more.
  const proven = forwarding.data?.verified === true || forwarding.data?.direct === true;
  const silent = useQuery(health(business.id)).data?.checks.find(
    (check) => check.key === "forwarding" && check.state !== "good" && check.last_proof_at !== null && proven,
  );
  const steps = useRef<HTMLDivElement>(null);
  const failed = forwarding.error ?? guides.error;

  return (
    <div className="connect">
      <PageHead title={c.heading} lead={c.lead}>
        {forwarding.data &&
          !forwarding.data.direct &&
          (forwarding.data.verified ? (
            <Pill tone="good" icon={CircleCheck}>
              {c.connected}
            </Pill>
          ) : (
            <Pill tone="attention" icon={CircleAlert}>
              {c.notVerified}
            </Pill>
          ))}
      </PageHead>
      {silent && (
        <div className="connect-note">
          <Banner tone="attention">
            <p>
              <Label>{silent.sentence}</Label>
            </p>
          </Banner>
        </div>
      )}
      {forwarding.data && guides.data ? (
        <ol className="connect-steps">
          <Step number={1} title={c.step1}>
            {forwarding.data.direct ? <p>{c.direct}</p> : <BusinessPhone forwarding={forwarding.data} />}
            <NumberCard forwarding={forwarding.data} />
          </Step>
          <Step number={2} title={forwarding.data.direct ? c.stepDirect : c.step2}>
            <Codes />
            <Providers forwarding={forwarding.data} guides={guides.data} steps={steps} />
          </Step>
          <Step number={3} title={forwarding.data.direct ? c.tryIt : c.step3}>
            {forwarding.data.direct ? (
              <TryIt forwarding={forwarding.data} />
            ) : (
              <TestCard
                forwarding={forwarding.data}
                provider={forwarding.data.provider_name}
                tips={Object.values(guides.data)[0]?.tips ?? []}
                onReread={() => {
                  steps.current?.scrollIntoView({ block: "center", behavior: "smooth" });
                  steps.current?.focus({ preventScroll: true });
                }}
              />
            )}
          </Step>
        </ol>
      ) : failed ? (
        <ErrorState
          error={failed}
          onRetry={() => {
            void forwarding.refetch();
            void guides.refetch();
          }}
        />
      ) : (
        <div className="connect-steps" aria-busy="true">
          <Skeleton height={110} />
          <Skeleton height={260} />
          <Skeleton height={200} />
        </div>
      )}
    </div>
  );
}

/** A number that customers dial needs no test but a call. */
function TryIt({ forwarding }: { forwarding: Forwarding }) {
  const { business, session } = useCurrent();
  if (forwarding.number === null) return <p className="quiet">{c.needNumber}</p>;
  return (
    <>
      <p>{c.tryItAbout(forwarding.national ?? forwarding.number)}</p>
      <p>
        <Link to={session.sandbox ? "/b/$business/simulator" : "/b/$business/calls"} params={{ business: business.id }}>
          {session.sandbox ? c.toSimulator : c.toCalls}
        </Link>
      </p>
    </>
  );
}

function Step({ number, title, children }: { number: number; title: string; children: React.ReactNode }) {
  return (
    <li className="connect-step panel">
      <div className="connect-head">
        <span className="connect-number" aria-hidden="true">
          {number}
        </span>
        <h2>{title}</h2>
      </div>
      <div className="connect-body">{children}</div>
    </li>
  );
}
