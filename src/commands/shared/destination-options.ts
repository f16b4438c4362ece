import { Option } from "@commander-js/extra-typings";
import { repeatable } from "../../cli/options.ts";
import { UsageError } from "../../errors.ts";
import type { DestinationOptions } from "../../issuance/deliver.ts";
import { lostSecretActions } from "../../issuance/lost-secret.ts";
import { sinkKinds, splitDestination } from "../../sinks/index.ts";

/** `--to`: the destinations of a new secret. */
export const toOption = (
  description = "Write the secret to a destination instead of stdout (repeatable)",
) => new Option("--to <destination>", description).argParser(repeatable);

/** The destinations that `--force` affects: `--to file or k8s-secret`. */
const forceable = `--to ${sinkKinds
  .filter(({ acceptsForce }) => acceptsForce)
  .map(({ name }) => name)
  .join(" or ")}`;

/** `--force`: lets a destination overwrite what is not from tokctl. */
export const forceOption = () => new Option("--force", `Let ${forceable} overwrite`);

/** `--on-lost`: what to do with a token if the response with its secret is lost. */
export const onLostOption = (description: string) =>
  new Option("--on-lost <action>", description).choices(lostSecretActions);

/**
 * Checks the combination of options.
 * @throws UsageError for `--force` without a destination that it affects.
 */
export function validateForce({ to = [], force }: DestinationOptions): void {
  if (force && !to.some((destination) => splitDestination(destination).kind?.acceptsForce))
    throw new UsageError(`--force has no effect without ${forceable}.`, {
      hint: `Remove --force, or add ${forceable}.`,
    });
}
