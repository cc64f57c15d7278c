import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck } from "lucide-react";
import { useRef } from "react";
import { forwarding as forwardingQuery, guides as guidesQuery } from "@/api/queries";
import { PageHead } from "@/frame/Frame";
import { useTitle } from "@/frame/title";
import { useCurrent } from "@/lib/business";
import { t } from "@/strings";
import { ErrorState, Pill, Skeleton } from "@/ui/states";
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
  const steps = useRef<HTMLDivElement>(null);
  const failed = forwarding.error ?? guides.error;

  return (
    <div className="connect">
      <PageHead title={c.heading} lead={c.lead}>
        {forwarding.data &&
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
      {forwarding.data && guides.data ? (
        <ol className="connect-steps">
          <Step number={1} title={c.step1}>
            <BusinessPhone forwarding={forwarding.data} />
            <NumberCard forwarding={forwarding.data} />
          </Step>
          <Step number={2} title={c.step2}>
            <Providers forwarding={forwarding.data} guides={guides.data} steps={steps} />
          </Step>
          <Step number={3} title={c.step3}>
            <TestCard
              forwarding={forwarding.data}
              provider={guides.data[forwarding.data.provider ?? ""]?.name ?? null}
              onReread={() => {
                steps.current?.scrollIntoView({ block: "center", behavior: "smooth" });
                steps.current?.focus({ preventScroll: true });
              }}
            />
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
