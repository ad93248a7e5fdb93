import { Link } from "wouter";
import { useWords } from "../text/language.tsx";
import { PlanPicture } from "./picture.tsx";
import { usePlans } from "./use-plans.ts";
import { PLAN_WORDS } from "./words.ts";

/** Where an alarm's device is, on the plan that has it; nothing where no plan has. */
export default function AlarmPlace({ device }: { readonly device: string }) {
  const words = useWords(PLAN_WORDS);
  const plans = usePlans();
  const plan = plans.data?.find(({ pins }) => pins.some((pin) => pin.device === device));
  if (plan === undefined) return null;
  return (
    <section>
      <h3>
        {words.where} · {plan.title}
      </h3>
      <PlanPicture plan={plan} pins={plan.pins} highlighted={device} />
      <p>
        <Link href={`/plans?plan=${plan.id}`}>{words.openPlan}</Link>
      </p>
    </section>
  );
}
