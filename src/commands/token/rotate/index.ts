import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { action, type Define, type Example } from "../../../cli/command.ts";
import { ownerOption, parseDurationOption, roleAlias } from "../../../cli/options.ts";
import { type Provider, requireSupport } from "../../../core/provider.ts";
import { dayMs, durationSyntax, type Expiry, parseDuration } from "../../../core/time.ts";
import {
  describeToken,
  parseSelector,
  type Selector,
  type Token,
  type TokenSpec,
} from "../../../core/token.ts";
import { validateName, validateRoles } from "../../../core/validation.ts";
import { ConflictError, UsageError } from "../../../errors.ts";
import { checkVariable } from "../../../issuance/check-secret.ts";
import type { RotationRequest } from "../../../issuance/rotate.ts";
import type { Session } from "../../../session/session.ts";
import { splitDestination } from "../../../sinks/index.ts";
import { forceOption, toOption, validateForce } from "../../shared/destination-options.ts";
import {
  applySoftExpiry,
  checkExpiryOptions,
  expiryOption,
  softExpiryOption,
} from "../shared/expiry-options.ts";
import {
  completeTokenSpec,
  descriptionOption,
  resourceOption,
  roleOption,
  selectorOption,
} from "../shared/new-token.ts";
import { showRotation } from "./rotation-view.ts";

export const effect = "renew";

export const examples: readonly Example[] = [
  {
    line: "tokctl token rotate ci -r ai_training_read --every 30d --to env-file:$HOME/.env#CI_TOKEN",
    title: "Create the first token, and a new one every 30 days",
  },
  {
    line: "tokctl token rotate ci -r ai_training_read --now --to env-file:$HOME/.env#CI_TOKEN --check 'test -n \"$TOKEN\"'",
    title: "Rotate now, if the new secret passes a check",
  },
  {
    line: "tokctl token rotate ci -r ai_training_read --every 30d --to env-file:$HOME/.env#CI_TOKEN --dry-run",
    title: "Show what the next run does",
  },
  {
    line: "tokctl token rotate ci -r osmo-user --before 7d --to env-file:$HOME/.env#CI_TOKEN",
    title: "Rotate 7 days before the expiry",
    provider: "osmo",
  },
];

export const seeAlso = ["help destinations", "token create", "token renew", "recover"];

/** Milliseconds for which replaced tokens are kept by default. */
const defaultOverlap = dayMs;

export const define: Define = (command, invocation) =>
  command
    .argument("<name>", "Name of the tokens, without the number of a generation")
    .addOption(
      new Option("--every <duration>", "Replace the token at this age").argParser(
        parseDurationOption,
      ),
    )
    .addOption(new Option("--now", "Replace the token even if it is not due"))
    .addOption(
      new Option(
        "--before <duration>",
        "Replace the token this long before its expiry (default: a fifth of its lifetime)",
      ).argParser(parseDurationOption),
    )
    .addOption(
      new Option(
        "--overlap <duration>",
        "Delete replaced tokens once the current one has this age (default: 24h)",
      ).argParser(durationOrZero),
    )
    .addOption(toOption("Write the secret to a destination (repeatable; at least one)"))
    .addOption(forceOption())
    .addOption(
      new Option(
        "--check <command>",
        `Shell command that must succeed with the new secret in $${checkVariable}`,
      ),
    )
    .addOption(
      new Option("--check-url <url>", "URL that must accept the new secret as Bearer token"),
    )
    .addOption(new Option("--state <path>", "File that records tokens for destinations that can't"))
    .addOption(new Option("--adopt", "Also replace a token with this name that no destination had"))
    .addOption(new Option("--dry-run", "Show the plan, and change nothing"))
    .addOption(roleOption("Role of the first token (repeatable)"))
    .addOption(roleAlias())
    .addOption(selectorOption())
    .addOption(descriptionOption())
    .addOption(expiryOption())
    .addOption(softExpiryOption())
    .addOption(ownerOption())
    .addOption(resourceOption())
    .action(
      action(invocation, async (session, name, options) => {
        const provider = session.provider();
        requireSupport(provider, { capability: "names" });
        validateFamilyName(provider, name);
        const { to: destinations = [], every, before, now: isForced = false } = options;
        if (destinations.length === 0)
          throw new UsageError("token rotate requires a destination for the secret.", {
            hint: "Add --to, for example --to env-file:.env#TOKEN. See: tokctl help destinations",
          });
        if (every === undefined && before === undefined && !isForced)
          throw new UsageError("token rotate requires --every, --before or --now.", {
            hint: "To replace the token every 30 days: --every 30d",
          });
        validateForce(options);
        checkExpiryOptions(provider, options);
        const url = options.checkUrl;
        const request: RotationRequest = {
          name,
          owner: options.user,
          destinations,
          force: options.force ?? false,
          acceptsForce: (destination) => splitDestination(destination).kind?.acceptsForce ?? false,
          statePath: options.state,
          schedule: {
            every,
            before,
            overlap: options.overlap ?? defaultOverlap,
            isForced,
            isAdopting: options.adopt ?? false,
          },
          checks: {
            command: options.check,
            url: url === undefined ? undefined : await session.parseProbeUrl(url, "--check-url"),
          },
          isDryRun: options.dryRun ?? false,
          completeSpec: async (successor, existing, family) => {
            const given = {
              roles: options.role ?? [],
              selector: options.labelSelector,
              resource: options.resource,
              expiry: options.expiresAt,
              description: options.description,
            };
            const attributes = existing
              ? inheritScope(provider, existing, family.issuedAt(existing), given)
              : await completeFirst(session, provider, successor, given);
            const softExpiry = options.softExpiry ?? (existing && hasSoftExpiry(existing, given));
            const spec = { ...attributes, name: successor, owner: options.user };
            return applySoftExpiry(spec, { softExpiry }, session.host.now());
          },
        };
        const { rotateToken } = await import("../../../issuance/rotate.ts");
        return showRotation(await rotateToken(session, provider, request));
      }),
    );

/** The attributes of a token on the command line. */
interface GivenAttributes {
  readonly roles: readonly string[];
  readonly selector: Selector | undefined;
  readonly resource: string | undefined;
  readonly expiry: Expiry | undefined;
  readonly description: string | undefined;
}

function durationOrZero(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined)
    throw new InvalidArgumentError(`Expected a duration such as ${durationSyntax}, or 0s.`);
  return milliseconds;
}

/** @throws UsageError for an invalid name, or the name of a generation */
function validateFamilyName(provider: Provider, name: string): void {
  validateName(provider, name);
  const [, family] = /^(.+)-r[1-9]\d*$/.exec(name) ?? [];
  if (family !== undefined)
    throw new UsageError(`"${name}" is the name of a generation.`, {
      hint: `Pass the name without the number: tokctl token rotate ${family}`,
    });
}

/** Returns the attributes of the first token. @throws UsageError without a required one */
async function completeFirst(
  session: Session,
  provider: Provider,
  name: string,
  given: GivenAttributes,
): Promise<TokenSpec> {
  const { messages, ...spec } = await completeTokenSpec(
    session,
    provider,
    { ...given, name },
    false,
  );
  await session.say({ text: messages });
  return spec;
}

/**
 * Returns the attributes of a successor: the scope, the lifetime and the description of an existing token.
 * @throws ConflictError if the options request another scope.
 */
function inheritScope(
  provider: Provider,
  existing: Token,
  issuedAt: string | null,
  { roles, selector, resource, expiry, description }: GivenAttributes,
): TokenSpec {
  const inherited =
    existing.labelSelector === null ? undefined : parseSelector(existing.labelSelector);
  const requested = roles.length === 0 ? existing.roles : validateRoles(provider, roles).roles;
  const differs =
    requested.toSorted().join() !== existing.roles.toSorted().join() ||
    (selector !== undefined &&
      (selector.name !== inherited?.name || selector.value !== inherited.value)) ||
    (resource !== undefined && resource !== existing.resource);
  if (differs)
    throw new ConflictError(`Token ${describeToken(existing)} has another scope than requested.`, {
      hint: "A rotation keeps the scope: omit --role and the other options of the scope, or choose another name.",
    });
  return {
    roles: existing.roles,
    selector: inherited,
    resource: existing.resource ?? undefined,
    description: description ?? existing.description ?? undefined,
    region: existing.region ?? undefined,
    expiry: expiry ?? toLifetime(existing, issuedAt),
  };
}

/** Whether the successor inherits a soft expiry. */
const hasSoftExpiry = (
  { expiryEnforcedBy }: Token,
  { expiry }: GivenAttributes,
): true | undefined => (expiry === undefined && expiryEnforcedBy === "client" ? true : undefined);

/** Returns the lifetime of a token in whole days, because some APIs round the expiry up to a day. */
function toLifetime({ expiresAt }: Token, issuedAt: string | null): Expiry | undefined {
  if (expiresAt === null || issuedAt === null) return undefined;
  const days = Math.floor((Date.parse(expiresAt) - Date.parse(issuedAt)) / dayMs);
  return { milliseconds: Math.max(days, 1) * dayMs };
}
