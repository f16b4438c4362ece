// Two APIs with any number of tokens, for bench-scale.js: quick enough not to be what is measured.
import { createServer } from "node:http";
import { parentPort } from "node:worker_threads";

const bodies = new Map();
/** An answer takes no time but the first time. */
function once(key, make) {
  const body = bodies.get(key) ?? JSON.stringify(make());
  bodies.set(key, body);
  return body;
}

const range = (from, end, make) => Array.from({ length: end - from }, (_, i) => make(from + i));

const uuid = (n) => `${String(n).padStart(8, "0")}-10c9-4331-b168-cd4e45abebdc`;

const time = (n) =>
  `${new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString().slice(0, 19)}.${178808548 + n}Z`;

const token = (n) => ({
  id: uuid(n),
  createdAt: time(n),
  updatedAt: time(n),
  spec: { name: `token-${n}`, role: "ai_training_read", labelSelector: `group=${n % 1000}` },
  status: { version: 1 },
});

/** A page of OVHcloud AI's list. */
function page(total, query) {
  const size = Number(query.get("size") ?? 10);
  const currentPage = Number(query.get("page") ?? 1);
  const from = (currentPage - 1) * size;
  return once(`${total} ${size} ${currentPage}`, () => ({
    items: range(from, Math.min(total, from + size), token),
    metadata: { currentPage, pageCount: Math.ceil(total / size), total },
  }));
}

/** OSMO's list, which has no pages. */
const all = (total) =>
  once(`osmo ${total}`, () =>
    range(0, total, (n) => ({
      user_name: "user@example.com",
      token_name: `token-${n}`,
      expires_at: "2027-01-01T00:00:00",
      description: `deploys ${n} from CI`,
      roles: ["osmo-user"],
    })),
  );

let second = 0;
let taken = 0;
/** Whether this second has room for one more request. */
function isAllowed(perSecond) {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) taken = 0;
  second = now;
  return ++taken <= perSecond;
}

/** The address tells how many tokens there are and, of deletions, how many a second are allowed: `/1000/50/v1/token`. */
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  const [, total, perSecond, ...path] = pathname.split("/");
  response.setHeader("content-type", "application/json");
  if (request.method === "DELETE") {
    const allowed = isAllowed(Number(perSecond));
    if (!allowed) response.setHeader("retry-after", "1");
    response.writeHead(allowed ? 204 : 429).end();
  } else if (path.includes("access_token")) response.end(all(Number(total)));
  else if (path.length > "v1/token".split("/").length)
    response.end(JSON.stringify(token(Number.parseInt(path.at(-1), 10))));
  else if (path.includes("me"))
    response.end(JSON.stringify({ role: "ai_training_operator", tokenKind: "user" }));
  else response.end(page(Number(total), searchParams));
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
