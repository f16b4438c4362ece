import { deflateSync, gzipSync } from "node:zlib";
import { serialise } from "../support/hostile-server.ts";
import {
  changed,
  type Fault,
  fine,
  foreign,
  only,
  refused,
  status,
  success,
  text,
} from "./fault.ts";

const withBody = ["list", "get", "create", "renew"] as const;
const page = "<!doctype html><title>Sign in</title><form method=post>";
const bom = "\ufeff";

/** The original body, compressed, although the client sent no Accept-Encoding. */
const packed = (encoding: string, pack: (body: Buffer) => Buffer) =>
  changed(({ status, headers, body }) => ({ status, headers, body: pack(body) }), {
    "content-encoding": encoding,
  });
const ofType = (type: string | undefined) => changed((reply) => reply, { "content-type": type });

/** Inserts text before the last quotation mark of a JSON document. */
const inLastText = (json: string, more: string) =>
  json.slice(0, json.lastIndexOf('"')) + more + json.slice(json.lastIndexOf('"'));

const bomb = gzipSync(Buffer.alloc(65 * 2 ** 20));

/** Faults of the response body as a whole. */
export const bodies: readonly Fault[] = [
  { name: "200 with an empty body", ends: only(foreign, ...withBody), play: success("") },
  { name: "200 with an empty body for a deletion", ends: { delete: 0 }, play: success("") },
  {
    name: "204 instead of a body",
    ends: only(foreign, ...withBody),
    play: changed(() => ({ status: 204, headers: {}, body: Buffer.alloc(0) }), {
      "content-length": undefined,
    }),
  },
  {
    name: "202 Accepted",
    ends: only(foreign, ...withBody),
    play: changed(() => ({ status: 202, headers: {}, body: Buffer.from('{"state":"queued"}') })),
  },
  { name: "HTML sign-in page", ends: foreign, play: success(page, "text/html") },
  { name: "HTML page with content-type application/json", ends: foreign, play: success(page) },
  { name: "plain text", ends: foreign, play: success("It works!", "text/plain") },
  { name: "null", ends: only(foreign, ...withBody), play: success("null") },
  { name: "true", ends: only(foreign, ...withBody), play: success("true") },
  { name: "a number", ends: only(foreign, ...withBody), play: success("42") },
  {
    name: "a number that overflows: 1e999",
    ends: only(foreign, ...withBody),
    play: success("1e999"),
  },
  { name: "a string", ends: only(foreign, ...withBody), play: success('"a-token"') },
  { name: "an empty list", ends: only(foreign, ...withBody), play: success("[]") },
  { name: "an empty object", ends: only(foreign, ...withBody), play: success("{}") },
  {
    name: "an error message with status 200",
    ends: only(foreign, ...withBody),
    play: success('{"message":"no"}'),
  },
  { name: "XML", ends: foreign, play: success("<token/>", "application/xml") },
  {
    name: "truncated JSON with a matching content-length",
    ends: only(foreign, ...withBody),
    play: text((all) => all.slice(0, all.length / 2)),
  },
  {
    name: "the JSON document twice",
    ends: only(foreign, ...withBody),
    play: text((all) => all + all),
  },
  {
    name: "JSON with a trailing comma",
    ends: only(foreign, ...withBody),
    play: text((all) => (/[\]}]$/.test(all) ? `${all.slice(0, -1)},${all.slice(-1)}` : `${all},`)),
  },
  {
    name: "JSON with single quotes",
    ends: only(foreign, ...withBody),
    play: text((all) => all.replaceAll('"', "'")),
  },
  {
    name: "JSON with NaN",
    ends: only(foreign, ...withBody),
    play: text((all) =>
      all.includes('"version"') ? all.replace(/"version":\d+/g, '"version":NaN') : "NaN",
    ),
  },
  {
    name: "JSON with an unescaped NUL in a string",
    ends: only(foreign, ...withBody),
    play: text((all) => inLastText(all, "\0")),
  },
  {
    name: "JSON with a byte order mark",
    ends: only(foreign, ...withBody),
    play: text((all) => bom + all),
  },
  {
    name: "JSON in UTF-16",
    ends: only(foreign, ...withBody),
    play: text((all) => Buffer.from(all, "utf16le")),
  },
  {
    name: "JSON in invalid UTF-8",
    ends: only(foreign, ...withBody),
    play: text((all) => Buffer.from(inLastText(all, "\xff\xfe"), "latin1")),
  },
  {
    name: "JSON that ends in an incomplete UTF-8 character",
    ends: only(foreign, ...withBody),
    play: text((all) => Buffer.concat([Buffer.from(all.slice(0, -1)), Buffer.from([0xe2, 0x82])])),
  },
  {
    name: "JSON nested 100,000 levels deep",
    ends: only(foreign, ...withBody),
    play: success("[".repeat(1e5) + "]".repeat(1e5)),
  },
  {
    name: "unknown field nested 100,000 levels deep",
    ends: only(fine, ...withBody),
    play: text((all) => all.replace(/^\{/, `{"x":${"[".repeat(1e5)}${"]".repeat(1e5)},`)),
  },
  {
    name: "unclosed JSON nested 100,000 levels deep",
    ends: only(foreign, ...withBody),
    play: success('{"a":'.repeat(1e5)),
  },
  {
    name: "JSON with content-type text/html",
    ends: only(fine, ...withBody),
    play: ofType("text/html"),
  },
  {
    name: "JSON with content-type image/png",
    ends: only(fine, ...withBody),
    play: ofType("image/png"),
  },
  { name: "JSON without a content-type", ends: only(fine, ...withBody), play: ofType(undefined) },
  {
    name: "JSON with charset latin1",
    ends: only(fine, ...withBody),
    play: ofType("application/json; charset=latin1"),
  },
  {
    name: "gzip encoding that was not requested",
    ends: only(foreign, ...withBody),
    play: packed("gzip", (body) => gzipSync(body)),
  },
  {
    name: "deflate encoding that was not requested",
    ends: only(foreign, ...withBody),
    play: packed("deflate", (body) => deflateSync(body)),
  },
  {
    name: "gzip bomb of 65 MiB",
    ends: foreign,
    play: changed((reply) => ({ ...reply, status: 200, body: bomb }), {
      "content-encoding": "gzip",
    }),
  },
  {
    name: "gzip bomb in an error response",
    ends: refused(2),
    play: status(400, { "content-encoding": "gzip" }, bomb),
  },
  {
    name: "endless body",
    ends: only(foreign, "list", "create"),
    play: async ({ socket, work }) => {
      const { status, headers } = await work();
      socket.write(
        serialise({ status, headers, body: Buffer.alloc(0) }, { "content-length": undefined }),
      );
      const block = Buffer.alloc(2 ** 20, " ");
      const more = () => {
        while (!socket.destroyed && socket.write(block));
      };
      socket.on("drain", more);
      more();
    },
  },
];
