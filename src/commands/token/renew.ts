import { checkRoles } from "../../core/check.ts";
import { tokenFinder } from "../../core/find.ts";
import { describeToken } from "../../core/token.ts";
import { action, type Define, type Example } from "../command.ts";
import {
  expiry,
  ownerOption,
  ProviderOption,
  repeatable,
  roleAlias,
  yesOption,
} from "../options.ts";
import { onLostOption, renewToken } from "./attempt.ts";
import { requireConsent } from "./consent.ts";
import { forceOption, issue, placesHelp, toOption } from "./issue.ts";
import { keepRenewed } from "./keep.ts";

export const examples: readonly Example[] = [
  {
    line: "TOKEN=$(tokctl token renew ci -y)",
    does: "a new secret, without a question, in a variable",
  },
  {
    line: "tokctl token renew deploy -y --to github-env:DEPLOY_TOKEN",
    does: "a new secret for the later steps of a GitHub job, hidden in its log",
  },
  { line: "tokctl token renew ci -e 30d", does: "with another end", provider: "osmo" },
];

export const define: Define = (command, invocation) =>
  command
    .argument("<token>", "its id or name")
    .addOption(ownerOption())
    .addOption(
      new ProviderOption(
        "expiry",
        "-e, --expires-at <when>",
        "another expiry: YYYY-MM-DD, RFC 3339, 30d, 6mo or 1y",
      ).argParser(expiry),
    )
    .addOption(
      new ProviderOption("renewChanges", "-r, --role <role>", "other roles; repeatable").argParser(
        repeatable,
      ),
    )
    .addOption(roleAlias())
    .addOption(toOption())
    .addOption(forceOption())
    .addOption(onLostOption())
    .addOption(yesOption())
    .addHelpText("after", placesHelp)
    .action(
      action(invocation, async (context, reference, options) => {
        const provider = context.provider();
        const { roles, notes } = options.role
          ? checkRoles(provider, options.role)
          : { roles: undefined, notes: [] };
        return issue(context, options, async () => {
          const tokens = await context.tokens();
          const found = await tokenFinder(provider, tokens, options.user)(reference);
          const consent = { verb: "Renew", yes: options.yes };
          const mayBeInUse = await requireConsent(context, provider, tokens, [found], consent);
          const changes = { roles, expiry: options.expiresAt, owner: options.user };
          const made = await renewToken(context, tokens, found.item, changes, options.onLost);
          const { issued, said } = made;
          const failure = mayBeInUse ? await keepRenewed(context, provider, issued) : undefined;
          const renewed = `Renewed token ${describeToken(issued)}: ${issued.name === null ? "" : "same name, "}new secret; the old one is dead.`;
          return { ...made, isNew: false, said: [...notes, ...said, renewed], failure };
        });
      }),
    );
