import * as v from "valibot";
import { lostResponseHints } from "../../core/lost-response-hints.ts";
import type { Resource, ResourceKind, ResourceProvider } from "../../core/resource.ts";
import type { HttpClient } from "../../http/client.ts";
import { ifFound } from "../../http/errors/status-errors.ts";
import { ServerTime, StringMap } from "../../http/schema.ts";
import { countPages, listPages, type PagedList, pageOf } from "./pages.ts";

/** An app, job or notebook. Fields that the platform omits become null. */
const ResourceBody = v.object({
  id: v.pipe(v.string(), v.minLength(1)),
  createdAt: v.nullish(ServerTime, null),
  updatedAt: v.nullish(ServerTime, null),
  user: v.nullish(v.string(), null),
  spec: v.object({
    image: v.nullish(v.string(), null),
    name: v.nullish(v.string(), null),
    labels: v.nullish(StringMap, {}),
  }),
  status: v.object({ state: v.string(), url: v.nullish(v.string(), null) }),
});
type ResourceBody = v.InferOutput<typeof ResourceBody>;

const ResourcePage = pageOf(ResourceBody);

/**
 * Returns the operations on apps, jobs and notebooks. Their routes differ only in the kind.
 * @see https://gra.ai.cloud.ovh.net/
 */
export function connectResources(http: HttpClient): ResourceProvider {
  const listOf = (
    kind: ResourceKind,
    labelSelector: string | undefined,
  ): PagedList<ResourceBody> => ({
    route: `GET /v1/${kind}`,
    page: ResourcePage,
    noun: `${kind}s`,
    labelSelector,
  });
  // The response to a change is undocumented, so it is not validated.
  async function change({ kind, id }: Resource, what: "start" | "stop" | "label", json?: object) {
    const path = { id };
    await http.request(`PUT /v1/${kind}/{id}/${what}`, v.any(), {
      action: `${what} ${kind} ${id}`,
      path,
      ...(json && { json }),
      effect: { kind: "repeatable" },
    });
  }
  return {
    list: (kind, labelSelector) =>
      listPages(http, listOf(kind, labelSelector), (body) => toResource(kind, body)),
    count: (kind, labelSelector) => countPages(http, listOf(kind, labelSelector)),
    async get(kind, id) {
      const body = await ifFound(
        http.request(`GET /v1/${kind}/{id}`, ResourceBody, {
          action: `read ${kind} ${id}`,
          path: { id },
        }),
      );
      return body && toResource(kind, body);
    },
    async run(kind, { image, name, labels, command }) {
      const body = await http.request(`POST /v1/${kind}`, ResourceBody, {
        action: `run ${kind === "app" ? "an" : "a"} ${kind} of image ${image}`,
        json: {
          image,
          name,
          ...(Object.keys(labels).length > 0 && { labels }),
          ...(command.length > 0 && { command }),
        },
        effect: { kind: "change", hint: lostResponseHints.run(kind) },
      });
      return toResource(kind, body);
    },
    start: (resource) => change(resource, "start"),
    stop: (resource) => change(resource, "stop"),
    setLabel: (resource, name, value) => change(resource, "label", { name, value }),
    async delete({ kind, id }) {
      await http.request(`DELETE /v1/${kind}/{id}`, v.any(), {
        action: `delete ${kind} ${id}`,
        path: { id },
        effect: { kind: "repeatable", hint: lostResponseHints.delete },
      });
    },
  };
}

/** Converts an app, job or notebook. */
const toResource = (
  kind: ResourceKind,
  { id, createdAt, updatedAt, user, spec, status }: ResourceBody,
): Resource => ({
  kind,
  id,
  name: spec.name || null,
  image: spec.image || null,
  state: status.state,
  url: status.url || null,
  labels: spec.labels,
  user: user || null,
  createdAt,
  updatedAt,
});
