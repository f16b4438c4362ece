import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import * as v from "valibot";
import {
  LabelSelector,
  type OvhAiEnv,
  requiredTraits,
  requireOperator,
  tokenSpecRules,
} from "../access.ts";
import { createPage, parsePageRequest } from "../paging.ts";
import {
  formatResourceUrl,
  type OvhAiResource,
  type OvhAiResourceKind,
  ovhAiResourceKinds,
  parseLabelChange,
  parseOvhAiResourceSpec,
  scopeIncludes,
} from "./resource.ts";
import type { OvhAiResources } from "./resources.ts";

/**
 * Returns the endpoints of apps, jobs and notebooks, to be added after the authentication. A token
 * can list, change and create only the resources in its scope.
 */
export function ovhAiResourceRoutes(resources: OvhAiResources): Hono<OvhAiEnv> {
  const routes = new Hono<OvhAiEnv>();
  for (const kind of ovhAiResourceKinds) addRoutes(routes, kind, resources);
  return routes;
}

function addRoutes(
  routes: Hono<OvhAiEnv>,
  kind: OvhAiResourceKind,
  resources: OvhAiResources,
): void {
  const all = `/v1/${kind}`;
  const one = `${all}/:id` as const;

  /**
   * Returns the requested resource.
   * @throws HTTPException 404, or 403 if it is outside the caller's scope
   */
  function find(c: Context<OvhAiEnv>): OvhAiResource {
    const resource = resources.get(kind, c.req.param("id") ?? "");
    if (!resource) throw new HTTPException(404, { message: `no such ${kind}` });
    return requireInScope(c, resource);
  }

  routes.use(`${all}/*`, requireOperator);

  routes.get(all, (c) => {
    const filter = parseFilter(c.req.query("labelSelector"));
    const scope = requiredTraits(c.get("caller"));
    const found = resources.withTraits(kind, [...scope, ...Object.values(filter)]);
    const page = createPage(found, parsePageRequest(c.req.query()), all, filter);
    return c.json({ ...page, items: page.items.map((each) => toBody(c, each)) });
  });
  routes.post(all, async (c) => {
    const spec = parseOvhAiResourceSpec(kind, await c.req.text());
    const resource = requireInScope(c, resources.draft(kind, spec, c.get("caller")));
    resources.add(resource);
    return c.json(toBody(c, resource));
  });

  routes.get(one, (c) => c.json(toBody(c, find(c))));
  routes.delete(one, (c) => {
    resources.delete(find(c));
    return c.body(null, 204);
  });

  routes.put(`${one}/start`, (c) => c.json(toBody(c, resources.start(find(c)))));
  routes.put(`${one}/stop`, (c) => c.json(toBody(c, resources.stop(find(c)))));
  routes.put(`${one}/label`, async (c) => {
    const resource = find(c);
    const { name, value } = parseLabelChange(await c.req.text());
    resources.setLabel(resource, name, value);
    return c.body(null, 204);
  });
}

function requireInScope(c: Context<OvhAiEnv>, resource: OvhAiResource): OvhAiResource {
  if (scopeIncludes(requiredTraits(c.get("caller")), resource)) return resource;
  throw new HTTPException(403, { message: `this ${resource.kind} is outside the token's scope` });
}

/**
 * Returns the `labelSelector` parameter of a list request, or an empty object.
 * @throws HTTPException 400
 */
function parseFilter(labelSelector = ""): Readonly<Record<string, string>> {
  if (!v.is(LabelSelector, labelSelector))
    throw new HTTPException(400, { message: `labelSelector ${tokenSpecRules.labelSelector}` });
  return labelSelector === "" ? {} : { labelSelector };
}

/** Returns a resource in the format of the API. */
function toBody(c: Context, resource: OvhAiResource) {
  const { id, createdAt, updatedAt, user, spec, state } = resource;
  return {
    id,
    createdAt,
    updatedAt,
    user,
    spec,
    status: { state, url: formatResourceUrl(resource, c.req.url) },
  };
}
