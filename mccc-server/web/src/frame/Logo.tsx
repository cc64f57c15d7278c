import mark from "@/assets/favicon.svg";
import { t } from "@/strings";

export function Logo({ size = 28 }: { size?: number }) {
  return <img src={mark} width={size} height={size} alt={t.product} />;
}
