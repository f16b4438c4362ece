import { Option } from "@commander-js/extra-typings";
import { action, type Define, type Example } from "../../cli/command.ts";
import { AliasOption, parseSelectorOption } from "../../cli/options.ts";
import { createTokenLookup } from "../../core/lookup.ts";
import { resourceKinds } from "../../core/resource.ts";
import {
  findScopeContents,
  type ResourceScope,
  toResourceScope,
} from "../../core/resource-scope.ts";
import { formatSelector } from "../../core/token.ts";
import { validateSelector } from "../../core/validation.ts";
import { UsageError } from "../../errors.ts";
import { type OpenedResources, openResources } from "../shared/open-resources.ts";
import { showReach } from "./shared/scope.ts";

export const examples: readonly Example[] = [
  { line: "tokctl token reach ci", title: "Show the resources that a token can access" },
  { line: "tokctl token reach -l group=A", title: "Show the resources with a label" },
];

export const seeAlso = ["help scopes", "app list", "job list"];

export const define: Define = (command, invocation) =>
  command
    .argument("[token]", "ID, name, or the first characters of the ID")
    .addOption(
      new Option(
        "-l, --label-selector <name=value>",
        "Show the resources that a token with this selector could access",
      ).argParser(parseSelectorOption),
    )
    .addOption(
      new AliasOption("--selector <name=value>", "label-selector").argParser(parseSelectorOption),
    )
    .action(
      action(invocation, async (session, reference, { labelSelector: selector }) => {
        const given = reference ?? selector;
        if (given === undefined || (reference !== undefined && selector !== undefined))
          throw new UsageError("Exactly one of TOKEN and --label-selector is required.", {
            hint: "Run tokctl token reach TOKEN, or tokctl token reach -l NAME=VALUE",
          });
        if (selector) validateSelector(session.provider(), selector);
        const opened = await openResources(session);
        const scope =
          typeof given === "string"
            ? await scopeOf(opened, given)
            : { kinds: resourceKinds, labelSelector: formatSelector(given) };
        return showReach(scope, await findScopeContents(opened.resources, scope));
      }),
    );

async function scopeOf(
  { provider, tokens }: OpenedResources,
  reference: string,
): Promise<ResourceScope> {
  const { item } = await createTokenLookup(provider, tokens, undefined)(reference);
  return toResourceScope(provider, item.roles, item.labelSelector);
}
