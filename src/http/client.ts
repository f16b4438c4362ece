import { withoutTrailingSlash } from "../core/url.ts";
import { CliError, NotFoundError, UsageError } from "../errors.ts";
import { codeIfLost, NetworkError, noEffect, type RequestEffect } from "./errors/network-errors.ts";
import { describeFailure, type ErrorResponse, toStatusError } from "./errors/status-errors.ts";
import {
  type BodyReader,
  describeNotJson,
  type HttpResponse,
  isHtml,
  notJson,
  serverMessage,
} from "./response.ts";
import { describeIssues, type Schema } from "./schema.ts";
import {
  type HttpMethod,
  type PreparedRequest,
  type RequestContent,
  type SendOptions,
  sendWithRetries,
} from "./send-request.ts";

export interface HttpClientOptions extends SendOptions {
  readonly baseUrl: URL;
  /** Converts an error response of this API; undefined to convert it by its status. */
  readonly toApiError?: (response: ErrorResponse) => CliError | undefined;
}

type Route = `${HttpMethod} /${string}`;

/** The names of the `{…}` placeholders of a route. */
type PathParameters<Route extends string> = Route extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParameters<Rest>
  : never;

/** Query parameters: an array repeats its key, undefined omits it. */
type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/**
 * The parameters of a request. `path` is required exactly if the route has placeholders, `effect`
 * exactly if the method is not GET.
 */
export type RouteRequest<R extends string> = RequestContent & {
  /** What the request does, as a phrase for errors ("Cannot …"): `list the tokens`. */
  readonly action: string;
  readonly query?: Query;
} & ([PathParameters<R>] extends [never]
    ? { readonly path?: never }
    : { readonly path: Readonly<Record<PathParameters<R>, string>> }) &
  (R extends `GET ${string}` ? { readonly effect?: never } : { readonly effect: RequestEffect });

/**
 * A typed client of one API. Returned data is validated by its schema; every failure is a CliError.
 */
export interface HttpClient {
  /**
   * Sends a route such as `"GET /v1/token/{id}"` and returns the validated body; undefined for an
   * empty one. Redirects are errors, so that the credential is sent to one origin only. Transient
   * failures are retried with new headers where that is safe; a repeated DELETE that gets 404 has
   * succeeded.
   * @param schema of the body; for a long list, `listOf()` the schema of its elements.
   * @throws CliError by the status of the response; `network` or `outcome_unknown` without a
   * complete response; `server_error` for a body that does not match the schema.
   */
  request<T, R extends Route>(
    route: R,
    schema: Schema<T> & { readonly createReader?: () => BodyReader },
    init: RouteRequest<R>,
  ): Promise<T>;
}

/** Creates a client. Sends no request. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { baseUrl, toApiError } = options;
  return {
    async request(route, schema, init) {
      const { action, path = {}, query = {}, effect = noEffect, ...content }: AnyInit = init;
      const [method, template] = route.split(" ") as [HttpMethod, string];
      const url = buildUrl(baseUrl, template, path, query);
      const { createReader } = schema;
      const request = { action, method, url, content, effect, createReader };

      const { outcome: response, wasSentBefore } = await sendWithRetries(request, options);
      if (response instanceof NetworkError) throw response;
      if (response.status >= 200 && response.status < 300)
        return validate(response.json, schema, request, response);

      const hasPathParameter = template.includes("{");
      const errorResponse = toErrorResponse(request, response, hasPathParameter);
      const error = toApiError?.(errorResponse) ?? toStatusError(errorResponse);
      const isDeleted = wasSentBefore && method === "DELETE" && error instanceof NotFoundError;
      if (!isDeleted) throw error;
      return validate(undefined, schema, request, response);
    },
  };
}

/** A request of any route. */
type AnyInit = RequestContent & {
  readonly action: string;
  readonly effect?: RequestEffect | undefined;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Query;
};

/**
 * Validates a body by its schema.
 * @throws CliError `server_error`, or `outcome_unknown` for a change.
 */
async function validate<T>(
  json: unknown,
  schema: Schema<T>,
  request: PreparedRequest,
  response: HttpResponse,
): Promise<T> {
  const result = json === notJson ? undefined : await schema["~standard"].validate(json);
  if (result && !result.issues) return result.value;
  const problem = result ? describeIssues(result.issues) : describeNotJson(response);
  const { effect } = request;
  const { sentence, reason } = describeFailure(request, `unexpected response: ${problem}`);
  const checkUrl = "Check that the URL is the API's own: tokctl doctor";
  throw new CliError(codeIfLost(effect, "server_error"), sentence, {
    hint:
      effect.hint ??
      (isHtml(response)
        ? `The response is an HTML page, possibly a sign-in page. ${checkUrl}`
        : checkUrl),
    reason,
    requestId: requestIdOf(response),
  });
}

const toErrorResponse = (
  { action, method, url, effect }: PreparedRequest,
  response: HttpResponse,
  hasPathParameter: boolean,
): ErrorResponse => ({
  status: response.status,
  action,
  method,
  url,
  body: response.json === notJson ? undefined : response.json,
  message: serverMessage(response),
  isHtml: isHtml(response),
  hasPathParameter,
  header: response.header,
  requestId: requestIdOf(response),
  effect,
});

const requestIdOf = ({ header }: HttpResponse): string | undefined =>
  header("x-request-id") ?? header("x-ovh-queryid");

/**
 * Fills the placeholders of a route and appends it to the base URL, including the path of that. Each
 * value is encoded as exactly one path segment.
 * @throws UsageError for a value that is no valid segment: "", ".", ".." or a lone surrogate.
 */
function buildUrl(
  baseUrl: URL,
  template: string,
  parameters: Readonly<Record<string, string>>,
  query: Query,
): URL {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    segment(parameters[name] ?? "", name),
  );
  const url = new URL(`${withoutTrailingSlash(baseUrl)}${path}`);
  for (const [key, value] of Object.entries(query))
    for (const item of [value ?? []].flat()) url.searchParams.append(key, String(item));
  if (url.origin !== baseUrl.origin)
    throw new Error(`${template} changes the origin ${baseUrl.origin}`);
  return url;
}

function segment(value: string, name: string): string {
  if (value === "" || value === "." || value === ".." || !value.isWellFormed())
    throw new UsageError(
      `Cannot use the ${name} in a URL: it is empty, "." or "..", or invalid Unicode.`,
      { hint: "Pass an ID, or a name of letters and digits." },
    );
  return encodeURIComponent(value);
}
