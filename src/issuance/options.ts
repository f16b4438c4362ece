import { Option } from "@commander-js/extra-typings";
import { formatTerms, helpWidth } from "../cli/help/page.ts";
import { repeatable } from "../cli/options.ts";
import { UsageError } from "../errors.ts";
import { sinkKinds } from "../session/session.ts";
import { lostSecretActions } from "./lost-secret.ts";

/** The values of `--to` and `--force`. */
export interface DestinationOptions {
  readonly to?: readonly string[] | undefined;
  readonly force?: boolean | undefined;
}

/** `--to`: the destinations of a new secret. */
export const toOption = () =>
  new Option(
    "--to <destination>",
    "write the secret to DESTINATION instead of stdout (repeatable)",
  ).argParser(repeatable);

/** `--force`: lets `--to file:PATH` overwrite a file. */
export const forceOption = () =>
  new Option("--force", "overwrite the file of --to file:PATH if it exists");

/** `--on-lost`: what to do with a token if the response with its secret is lost. */
export const onLostOption = () =>
  new Option(
    "--on-lost <action>",
    "what to do with the token if its secret is lost (default: ask at a terminal, else revoke a new token and renew an existing one)",
  ).choices(lostSecretActions);

/** @throws UsageError for `--force` without a `file:` destination. */
export function checkForce({ to = [], force }: DestinationOptions): void {
  if (force && !to.some((destination) => destination.startsWith("file:")))
    throw new UsageError("--force has no effect without --to file:PATH.", {
      hint: "Remove --force, or add --to file:PATH.",
    });
}

/** Returns the help section that lists the forms of `--to`. @param columns the terminal's width. */
export function destinationsHelp(columns: number | undefined): string {
  const terms = sinkKinds.map(({ form, title }) => ({ term: form, text: title }));
  return ["", "Destinations for --to:", formatTerms(terms, columns || helpWidth)].join("\n");
}
