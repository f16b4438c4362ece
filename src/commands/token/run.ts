import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { splitAtDashes } from "../../cli/argv.ts";
import { action, type Define, type Example } from "../../cli/command.ts";
import { addTargetToHint } from "../../cli/hint-target.ts";
import { ownerOption, roleAlias } from "../../cli/options.ts";
import { toHex } from "../../core/text.ts";
import { toHintLines, UsageError } from "../../errors.ts";
import { runWithToken } from "../../issuance/ephemeral-token.ts";
import { forceOption, toOption, validateForce } from "../shared/destination-options.ts";
import {
  applySoftExpiry,
  checkExpiryOptions,
  expiryOption,
  softExpiryOption,
} from "./shared/expiry-options.ts";
import {
  completeTokenSpec,
  descriptionOption,
  resourceOption,
  roleOption,
  selectorOption,
} from "./shared/new-token.ts";

/** The environment variable that receives the secret by default. tokctl itself does not read it. */
const defaultVariable = "TOKEN";

export const effect = "create";

export const examples: readonly Example[] = [
  {
    line: "tokctl token run -r ai_training_read -- ./deploy.sh",
    title: "Run a script with the secret in $TOKEN, then delete the token",
  },
  {
    line: "tokctl token run -r ai_training_operator -l group=A --env OVHAI_TOKEN -- ovhai app list",
    title: "Use another variable, and limit the token to resources with a label",
  },
  {
    line: "tokctl token run test -r ai_training_read --to file:$HOME/secret -- make test",
    title: "Write the secret to a file instead of a variable",
  },
  {
    line: "tokctl token run -r osmo-user -e 1d -- make test",
    title: "Limit the lifetime of the token to one day",
    provider: "osmo",
  },
];

export const seeAlso = ["token create", "recover", "help destinations"];

export const define: Define = (command, invocation) =>
  command
    .usage("[name] [options] -- <program> [args...]")
    .argument("[name]", "Name of the token (default: run- and 8 random hex digits)")
    .argument("[program...]", "Program and its arguments, after --")
    .addOption(roleOption("Role of the token (repeatable)"))
    .addOption(roleAlias())
    .addOption(
      new Option(
        "--env <variable>",
        `Environment variable for the secret (default: ${defaultVariable}; with --to, none)`,
      ).argParser(variableName),
    )
    .addOption(toOption("Write the secret to a destination instead of a variable (repeatable)"))
    .addOption(forceOption())
    .addOption(selectorOption())
    .addOption(descriptionOption())
    .addOption(expiryOption())
    .addOption(softExpiryOption())
    .addOption(ownerOption("Create the token for another user (administrators only)"))
    .addOption(resourceOption())
    .action(
      action(invocation, async (session, _name, _program, options, self) => {
        const { host } = session;
        const { name, program, args } = readCommand(splitAtDashes(self, invocation.args));
        const provider = session.provider();
        validateForce(options);
        checkExpiryOptions(provider, options);
        if (!host.hasProgram(program))
          throw new UsageError(`Cannot start "${program}": no such program.`, {
            hint: "Check the name of the program and the PATH.",
          });
        const isNameGenerated = name === undefined && provider.supports.names;
        const completed = await completeTokenSpec(
          session,
          provider,
          {
            name: isNameGenerated ? `run-${toHex(host.randomBytes(4))}` : name,
            roles: options.role ?? [],
            selector: options.labelSelector,
            resource: options.resource,
            expiry: options.expiresAt,
            description: options.description,
          },
          false,
        );
        const { messages, ...spec } = applySoftExpiry(completed, options, host.now());
        await session.say({ text: messages });
        return runWithToken(
          session,
          { ...spec, owner: options.user },
          {
            program,
            args,
            variable: options.env ?? (options.to ? undefined : defaultVariable),
            to: options.to,
            force: options.force,
            async reportFailure(failure) {
              const { options: target } = session.target;
              const error = await addTargetToHint(failure, target, self, invocation);
              await session.say({ text: toHintLines(error), always: true });
            },
          },
        );
      }),
    );

/** @throws UsageError without a program after `--`, or with several names before it. */
function readCommand({ before, after }: ReturnType<typeof splitAtDashes>) {
  const [name, ...others] = before;
  const [program, ...args] = after ?? [];
  if (program === undefined)
    throw new UsageError("The program to run is missing: it must follow --.", {
      hint: "tokctl token run [NAME] -r ROLE -- PROGRAM [ARGS...]",
    });
  if (others.length > 0)
    throw new UsageError(`Expected at most one name before --, found ${before.length} words.`, {
      hint: "tokctl token run [NAME] -r ROLE -- PROGRAM [ARGS...]",
    });
  return { name, program, args };
}

/** Parses the name of an environment variable. */
function variableName(text: string): string {
  if (!/^[A-Za-z_]\w*$/.test(text))
    throw new InvalidArgumentError("Expected a name of letters, digits and _, such as TOKEN.");
  return text;
}
