import { Option } from "@commander-js/extra-typings";
import { nameAndRoles } from "../../../cli/argv.ts";
import { action, type Define, type Example } from "../../../cli/command.ts";
import { ownerOption, repeatable, roleAlias, yesOption } from "../../../cli/options.ts";
import { createTokenLookup } from "../../../core/lookup.ts";
import { requireSupport } from "../../../core/provider.ts";
import { validateRoles, validateRoleWords } from "../../../core/validation.ts";
import { UsageError } from "../../../errors.ts";
import { updateStoredCredential } from "../../../issuance/credential-in-use.ts";
import { type DestinationOptions, issueAndDeliver } from "../../../issuance/deliver.ts";
import type { LostSecretAction } from "../../../issuance/lost-secret.ts";
import { reissueToken } from "../../../issuance/reissue-token.ts";
import type { Result } from "../../../output/view.ts";
import {
  forceOption,
  onLostOption,
  toOption,
  validateForce,
} from "../../shared/destination-options.ts";
import {
  checkExpiryOptions,
  type ExpiryOptions,
  expiryOption,
  softExpiryOption,
} from "../shared/expiry-options.ts";
import { describeReissue, showDelivery, warnOfExpiry } from "../shared/secret-views.ts";
import {
  addSelectionOptions,
  allOption,
  type ChangeOptions,
  checkSelection,
  dryRunOption,
  stdinArgument,
} from "../shared/selection-options.ts";
import {
  joinFailures,
  openTargets,
  requireNoNames,
  summarizeProfiles,
  type TokenTargets,
} from "../shared/targets.ts";
import {
  confirmTokenChange,
  selectTokensToChange,
  showNoMatch,
  showPlan,
} from "../shared/token-change.ts";
import { renewMany } from "./renew-many.ts";

export const effect = "renew";

export const examples: readonly Example[] = [
  {
    line: "TOKEN=$(tokctl token renew ci -y)",
    title: "Save the new secret in a variable",
  },
  {
    line: "tokctl token renew deploy -y --to github-env:DEPLOY_TOKEN",
    title: "Pass the new secret to later steps of a GitHub job, masked in the log",
  },
];

export const seeAlso = ["help destinations", "token create", "recover"];

export const define: Define = (command, invocation) =>
  addSelectionOptions(
    command
      .usage("[options] [token]")
      .argument("[token]", "ID or name; - to read tokens from stdin")
      .argument("[role...]", "")
      .addOption(ownerOption())
      .addOption(expiryOption("New expiry"))
      .addOption(softExpiryOption())
      .addOption(
        new Option(
          "-r, --role <role>",
          "New role of the token (repeatable) [osmo]; without a token, only tokens with this role",
        ).argParser(repeatable),
      )
      .addOption(roleAlias()),
  )
    .addOption(allOption())
    .addOption(dryRunOption())
    .addOption(toOption())
    .addOption(forceOption())
    .addOption(
      onLostOption(
        "After a lost response: renew, revoke (delete) or keep the token (default: prompt, else renew)",
      ),
    )
    .addOption(yesOption())
    .action(
      action(invocation, async (session, _token, _roles, options, self) => {
        validateForce(options);
        const { name, roles: moreRoles } = nameAndRoles(self, invocation.args);
        const words = name === undefined ? [] : [name];
        const roles = [...(options.role ?? []), ...moreRoles];
        const isNamed = name !== undefined && name !== stdinArgument;
        const selection = { ...options, role: isNamed ? undefined : requireOneRole(roles) };
        checkSelection(self, words, selection);
        const targets = openTargets(session, options, self, invocation);
        requireNoNames(targets, isNamed);
        for (const target of targets.list) {
          const provider = target.session.provider();
          validateRoleWords(provider, moreRoles);
          checkExpiryOptions(provider, options);
        }
        return isNamed && !options.dryRun
          ? renewNamed(targets, name, roles, options)
          : renewSelected(targets, words, { ...selection, isNamed });
      }),
    );

/** The options of a renewal, without those that select tokens. */
interface RenewOptions extends DestinationOptions, ExpiryOptions {
  readonly user?: string | undefined;
  readonly onLost?: LostSecretAction | undefined;
  readonly yes?: true | undefined;
}

/** @throws UsageError for several roles, because a selection takes one. */
function requireOneRole(roles: readonly string[]): string | undefined {
  if (roles.length > 1)
    throw new UsageError("--role can be passed only once if no token is named.", {
      hint: [
        "Without a TOKEN, --role selects the tokens with that role.",
        "To change the roles of one token: tokctl token renew TOKEN -r ROLE",
      ],
    });
  return roles[0];
}

/** Renews the token with an ID or name, and on request changes its roles. */
async function renewNamed(
  targets: TokenTargets,
  reference: string,
  newRoles: readonly string[],
  { user: owner, expiresAt, softExpiry, onLost, yes, to, force }: RenewOptions,
): Promise<Result> {
  const [target] = targets.list;
  if (!target) throw new Error("a command has at least one target");
  const { session } = target;
  const provider = session.provider();
  if (newRoles.length > 0) requireSupport(provider, { capability: "renewChanges", flag: "--role" });
  const { roles, messages: roleMessages } =
    newRoles.length > 0 ? validateRoles(provider, newRoles) : { roles: undefined, messages: [] };
  const delivery = await issueAndDeliver(session, { to, force, owner }, async () => {
    const tokens = await target.tokens();
    const found = await createTokenLookup(provider, tokens, owner)(reference);
    const change = { verb: "renew", isNamed: true, isReplaced: softExpiry, yes } as const;
    const lookups = [{ reference, found, target }];
    const mayBeInUse = await confirmTokenChange(targets, { lookups, failures: [] }, change);
    const changes = { roles, expiry: expiresAt, owner };
    const secret = await reissueToken(session, provider, tokens, found.item, changes, onLost);
    const { issued, messages } = secret;
    const failure = mayBeInUse
      ? await updateStoredCredential(session, provider, issued)
      : undefined;
    return {
      ...secret,
      messages: [...roleMessages, ...messages, ...describeReissue(secret)],
      notes: warnOfExpiry(issued, session.host.now()),
      failure,
    };
  });
  return showDelivery(session, delivery);
}

/** The options of the renewal of a selection, or of `--dry-run` for a named token. */
interface RenewSelectedOptions extends RenewOptions, ChangeOptions {
  readonly isNamed: boolean;
  readonly dryRun?: true | undefined;
}

/** Renews the selected tokens, or shows them. The data of the result is a list of tokens. */
async function renewSelected(
  targets: TokenTargets,
  words: readonly string[],
  options: RenewSelectedOptions,
): Promise<Result> {
  const { user: owner, to, force, yes, isNamed, dryRun, expiresAt, softExpiry, onLost } = options;
  const change = { verb: "renew", isNamed, isReplaced: softExpiry, yes } as const;
  const selection = await selectTokensToChange(targets, words, options, change);
  const { lookups } = selection;
  if (to && lookups.length > 1)
    throw new UsageError(`--to requires exactly one token, and ${lookups.length} are selected.`, {
      hint: "Renew each token with its own --to, or omit --to to print all secrets.",
    });
  if (dryRun) return showPlan(targets, selection, options, change);
  if (lookups.length === 0) return showNoMatch(targets, selection, options);
  const [first] = lookups;
  const confirm = async () => {
    if (lookups.some(({ found }) => found)) await confirmTokenChange(targets, selection, change);
  };
  const changes = { expiry: expiresAt, owner, onLost };
  if (!to || !first?.found) return renewMany(targets, selection, { ...changes, confirm });
  const { found, target } = first;
  const delivery = await issueAndDeliver(target.session, { to, force, owner }, async () => {
    await confirm();
    const provider = target.session.provider();
    const tokens = await target.tokens();
    const secret = await reissueToken(
      target.session,
      provider,
      tokens,
      found.item,
      changes,
      onLost,
    );
    return { ...secret, messages: [...secret.messages, ...describeReissue(secret)] };
  });
  const result = await showDelivery(target.session, delivery, target.profile);
  const failure = summarizeProfiles(targets, selection.failures);
  return { ...result, data: [result.data], failure: joinFailures(result.failure, failure) };
}
