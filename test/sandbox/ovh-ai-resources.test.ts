import * as v from "valibot";
import { beforeEach, describe, expect, test } from "vitest";
import {
  Problem,
  pageOf,
  type RegionalApi,
  read,
  startRegionalApi,
  Timestamp,
  Uuid,
} from "../support/regional-api.ts";

const Resource = v.strictObject({
  id: Uuid,
  createdAt: Timestamp,
  updatedAt: Timestamp,
  user: v.string(),
  spec: v.strictObject({
    image: v.exactOptional(v.string()),
    command: v.exactOptional(v.array(v.string())),
    name: v.pipe(v.string(), v.nonEmpty()),
    labels: v.record(v.string(), v.string()),
    unsecureHttp: v.boolean(),
    defaultHttpPort: v.number(),
  }),
  status: v.strictObject({ state: v.string(), url: v.string() }),
});
type Resource = v.InferOutput<typeof Resource>;
const List = pageOf(Resource);

const kinds = ["app", "job", "notebook"];
const unknownId = "0aa3c557-10c9-4331-b168-cd4e45abebdc";

let api: RegionalApi;
let call: RegionalApi["call"];

beforeEach(() => {
  api = startRegionalApi([]);
  call = api.call;
});

const create = async (kind: string, spec: object = {}, token = api.bootstrap): Promise<Resource> =>
  read(await call("POST", `/v1/${kind}`, { image: "ubuntu", ...spec }, token), 200, Resource);

const get = async (kind: string, id: string): Promise<Resource> =>
  read(await call("GET", `/v1/${kind}/${id}`), 200, Resource);

async function ids(path: string, token = api.bootstrap): Promise<string[]> {
  const { items } = await read(await call("GET", path, undefined, token), 200, List);
  return items.map(({ id }) => id);
}

describe("an app", () => {
  const kind = "app";

  test("is created running, with the platform's labels and a unique URL", async () => {
    const made = await create(kind, { name: "mine", labels: { group: "A" } });
    expect(made).toEqual({
      id: made.id,
      createdAt: made.updatedAt,
      updatedAt: made.updatedAt,
      user: "sandbox-operator",
      spec: {
        image: "ubuntu",
        name: "mine",
        labels: { group: "A", "ovh/id": made.id, "ovh/type": kind },
        unsecureHttp: false,
        defaultHttpPort: 8080,
      },
      status: { state: "RUNNING", url: `http://${made.id}.${kind}.localhost:8787/` },
    });
    expect(await get(kind, made.id)).toEqual(made);
    expect(await ids(`/v1/${kind}`)).toEqual([made.id]);
  });

  test("gets a generated name if it has none", async () => {
    const [one, two] = [await create(kind), await create(kind)];
    expect(one.spec.name).not.toBe(two.spec.name);
  });

  test("can't be created with the platform's labels", async () => {
    const labels = { "ovh/id": unknownId, "ovh/type": "x", "ovh/more": "y", team: "t" };
    const made = await create(kind, { labels });
    const own = { team: "t", "ovh/id": made.id, "ovh/type": kind };
    expect(made.spec.labels).toEqual(own);
  });

  test("is listed by each of its labels, and by no other", async () => {
    const made = await create(kind, { labels: { group: "A", model: "a=b" } });
    await create(kind, { labels: { group: "B" } });
    for (const selector of ["group=A", "model=a=b", `ovh/id=${made.id}`])
      expect(await ids(`/v1/${kind}?labelSelector=${encodeURIComponent(selector)}`)).toEqual([
        made.id,
      ]);
    expect(await ids(`/v1/${kind}?labelSelector=group=C`)).toEqual([]);
    expect(await ids(`/v1/${kind}?labelSelector=ovh/type=${kind}`)).toHaveLength(2);
    expect(await ids(`/v1/${kind}?labelSelector=`)).toHaveLength(2);
  });

  test("has labels that can be added, changed and removed one at a time", async () => {
    const { id, spec, updatedAt } = await create(kind, { labels: { group: "A" } });
    const label = async (body: object) => {
      const reply = await call("PUT", `/v1/${kind}/${id}/label`, body);
      expect([reply.status, await reply.text()]).toEqual([204, ""]);
      return (await get(kind, id)).spec.labels;
    };
    expect(await label({ name: "team", value: "t" })).toEqual({ ...spec.labels, team: "t" });
    expect(await label({ name: "group", value: "B" })).toMatchObject({ group: "B", team: "t" });
    expect(await ids(`/v1/${kind}?labelSelector=group=A`)).toEqual([]);
    expect(await ids(`/v1/${kind}?labelSelector=group=B`)).toEqual([id]);
    expect(await label({ name: "group", value: null })).not.toHaveProperty("group");
    expect(await label({ name: "team" })).not.toHaveProperty("team");
    expect(await label({ name: "never-there" })).toEqual({ "ovh/id": id, "ovh/type": kind });
    expect(await ids(`/v1/${kind}?labelSelector=group=B`)).toEqual([]);
    expect((await get(kind, id)).updatedAt > updatedAt).toBe(true);
  });

  test("can be stopped and started repeatedly", async () => {
    const { id } = await create(kind);
    const change = async (verb: string) => {
      const reply = await call("PUT", `/v1/${kind}/${id}/${verb}`);
      const { status } = await read(reply, 200, Resource);
      expect((await get(kind, id)).status).toEqual(status);
      return status.state;
    };
    expect(await change("start")).toBe("RUNNING");
    expect(await change("stop")).toBe("STOPPED");
    expect(await change("stop")).toBe("STOPPED");
    expect(await change("start")).toBe("RUNNING");
  });

  test("is deleted with its labels", async () => {
    const { id } = await create(kind, { labels: { group: "A" } });
    const reply = await call("DELETE", `/v1/${kind}/${id}`);
    expect([reply.status, await reply.text()]).toEqual([204, ""]);
    await read(await call("GET", `/v1/${kind}/${id}`), 404, Problem);
    expect(await ids(`/v1/${kind}`)).toEqual([]);
    expect(await ids(`/v1/${kind}?labelSelector=group=A`)).toEqual([]);
  });

  test("is not found at the path of another kind", async () => {
    const { id } = await create(kind);
    for (const other of kinds.filter((each) => each !== kind))
      await read(await call("GET", `/v1/${other}/${id}`), 404, Problem);
  });

  test.each([
    ["the body", []],
    ["image", { image: "" }],
    ["name", { image: "i", name: "" }],
    ["command", { image: "i", command: "echo s3cret" }],
    ["command", { image: "i", command: [1] }],
    ["labels", { image: "i", labels: ["s3cret"] }],
    ["labels", { image: "i", labels: { group: 1 } }],
    ["labels", { image: "i", labels: { group: "" } }],
    ["labels", { image: "i", labels: { "": "A" } }],
    ["labels", { image: "i", labels: { "a=s3cret": "A" } }],
    ["labels", { image: "i", labels: { group: "A,s3cret" } }],
    ["unsecureHttp", { image: "i", unsecureHttp: "yes" }],
    ["defaultHttpPort", { image: "i", defaultHttpPort: 0 }],
    ["defaultHttpPort", { image: "i", defaultHttpPort: 65_536 }],
    ["flavor", { image: "i", flavor: "s3cret" }],
    ["constructor", { image: "i", constructor: "s3cret" }],
  ])("with an invalid %s is 400 and not created: %j", async (field, body) => {
    const { message } = await read(await call("POST", `/v1/${kind}`, body), 400, Problem);
    expect(message.startsWith(`${field} `)).toBe(true);
    expect(message).not.toContain("s3cret");
    expect(await ids(`/v1/${kind}`)).toEqual([]);
  });

  test.each([
    ["name", { value: "A" }],
    ["name", { name: "", value: "A" }],
    ["name", { name: "a=b", value: "A" }],
    ["name", { name: "a,b", value: "A" }],
    ["value", { name: "a", value: "" }],
    ["value", { name: "a", value: "b,c" }],
    ["value", { name: "a", value: 1 }],
    ["other", { name: "a", value: "b", other: "c" }],
    ["constructor", { name: "a", value: "b", constructor: "c" }],
  ])("accepts no label with an invalid %s: 400 for %j", async (field, body) => {
    const made = await create(kind);
    const reply = await call("PUT", `/v1/${kind}/${made.id}/label`, body);
    expect((await read(reply, 400, Problem)).message.startsWith(`${field} `)).toBe(true);
    expect(await get(kind, made.id)).toEqual(made);
  });

  test.each(["ovh/id", "ovh/type", "ovh/more"])("keeps the platform's label %s", async (name) => {
    const made = await create(kind);
    for (const value of [unknownId, null]) {
      const reply = await call("PUT", `/v1/${kind}/${made.id}/label`, { name, value });
      expect(reply.status).toBe(204);
    }
    expect(await get(kind, made.id)).toEqual(made);
  });

  test.each(["constructor", "__proto__"])("can have the label %s", async (name) => {
    const labels = JSON.parse(`{"${name}":"A"}`);
    const made = await call("POST", `/v1/${kind}`, { image: "i", labels });
    const { id, spec } = (await made.json()) as { readonly id: string; readonly spec: object };
    const labelsOf = ({ labels }: { readonly labels?: object }) => Object.entries(labels ?? {});
    expect(labelsOf(spec)).toContainEqual([name, "A"]);
    expect(await ids(`/v1/${kind}?labelSelector=${name}=A`)).toEqual([id]);
    await call("PUT", `/v1/${kind}/${id}/label`, { name, value: "B" });
    expect(await ids(`/v1/${kind}?labelSelector=${name}=B`)).toEqual([id]);
    await call("PUT", `/v1/${kind}/${id}/label`, { name, value: null });
    expect(await ids(`/v1/${kind}?labelSelector=${name}=B`)).toEqual([]);
  });

  test("can be created with null for optional fields", async () => {
    const nothing = { name: null, command: null, labels: null, unsecureHttp: null };
    const reply = await call("POST", `/v1/${kind}`, { image: "i", ...nothing });
    expect(reply.status).toBe(200);
    expect(JSON.stringify(await reply.json())).not.toContain("null");
  });

  test("that does not exist is 404 for every request", async () => {
    const label = { name: "a", value: "b" };
    for (const id of [unknownId, "..%2Ftoken", "__proto__"]) {
      await read(await call("GET", `/v1/${kind}/${id}`), 404, Problem);
      await read(await call("DELETE", `/v1/${kind}/${id}`), 404, Problem);
      for (const verb of ["start", "stop", "label"])
        await read(await call("PUT", `/v1/${kind}/${id}/${verb}`, label), 404, Problem);
    }
  });

  test.each([
    ["PATCH", "", "GET, POST"],
    ["POST", `/${unknownId}`, "GET, DELETE"],
    ["POST", `/${unknownId}/start`, "PUT"],
    ["GET", `/${unknownId}/stop`, "PUT"],
    ["DELETE", `/${unknownId}/label`, "PUT"],
  ])("%s %s is 405 with the allowed methods", async (method, path, allowed) => {
    const reply = await call(method, `/v1/${kind}${path}`);
    await read(reply, 405, Problem);
    expect(reply.headers.get("allow")).toBe(allowed);
  });

  test("needs a credential: 401", async () => {
    for (const [method, path] of [
      ["GET", ""],
      ["POST", ""],
      ["PUT", `/${unknownId}/label`],
    ] as const)
      await read(await api.sandbox.request(`/v1/${kind}${path}`, { method }), 401, Problem);
  });
});

test.each([
  ["job", "INTERRUPTED"],
  ["notebook", "STOPPED"],
])(
  "a %s is created, listed, stopped and deleted at the paths of its kind",
  async (kind, stopped) => {
    const made = await create(kind, { labels: { group: "A" } });
    const { id } = made;
    expect(made).toMatchObject({
      spec: { labels: { group: "A", "ovh/id": id, "ovh/type": kind } },
      status: { state: "RUNNING", url: `http://${id}.${kind}.localhost:8787/` },
    });
    expect(await get(kind, id)).toEqual(made);
    expect(await ids(`/v1/${kind}?labelSelector=group=A`)).toEqual([id]);
    for (const other of kinds.filter((each) => each !== kind))
      await read(await call("GET", `/v1/${other}/${id}`), 404, Problem);
    const reply = await call("PUT", `/v1/${kind}/${id}/stop`);
    expect((await read(reply, 200, Resource)).status.state).toBe(stopped);
    await read(await call("POST", `/v1/${kind}`, { image: "" }), 400, Problem);
    expect((await call("DELETE", `/v1/${kind}/${id}`)).status).toBe(204);
    expect(await ids(`/v1/${kind}`)).toEqual([]);
  },
);

test.each(["app", "job"])("a %s needs an image", async (kind) => {
  const { message } = await read(await call("POST", `/v1/${kind}`, {}), 400, Problem);
  expect(message).toMatch(/^image /);
});

test("a notebook does not need an image", async () => {
  const { spec } = await read(await call("POST", "/v1/notebook", {}), 200, Resource);
  expect(spec).not.toHaveProperty("image");
});

test("a job with a command is done immediately, until it is started again", async () => {
  const command = ["echo", "Hello"];
  const { id, spec, status } = await create("job", { command });
  expect([spec.command, status.state]).toEqual([command, "DONE"]);
  for (const verb of ["stop", "start"]) {
    const reply = await call("PUT", `/v1/job/${id}/${verb}`);
    expect((await read(reply, 200, Resource)).status.state).toBe("DONE");
  }
});

test("an app with a command keeps running", async () => {
  expect((await create("app", { command: ["serve"] })).status.state).toBe("RUNNING");
});

test("a URL has the port of the request", async () => {
  const { id } = await create("app");
  const headers = { authorization: `Bearer ${api.bootstrap}` };
  const reply = await api.sandbox.request(`http://localhost/v1/app/${id}`, { headers });
  expect((await read(reply, 200, Resource)).status.url).toBe(`http://${id}.app.localhost/`);
});

describe("lists", () => {
  test("have pages, and the next link keeps the selector", async () => {
    const made: string[] = [];
    for (let n = 0; n < 5; n++) made.push(await api.make("app", { labels: { group: "A" } }));
    await api.make("app", { labels: { group: "B" } });
    const seen: string[] = [];
    let next: string | null = `/v1/app?size=2&labelSelector=${encodeURIComponent("group=A")}`;
    while (next !== null) {
      const page: v.InferOutput<typeof List> = await read(await call("GET", next), 200, List);
      expect(page.metadata).toMatchObject({ pageCount: 3, total: 5 });
      seen.push(...page.items.map(({ id }) => id));
      next = page.metadata.links.next;
    }
    expect(seen).toEqual(made);
  });

  test("keep a resource in its place when it changes", async () => {
    const made = [await api.make("app"), await api.make("app"), await api.make("app")];
    await call("PUT", `/v1/app/${made[0]}/label`, { name: "a", value: "b" });
    await call("PUT", `/v1/app/${made[1]}/stop`);
    expect(await ids("/v1/app")).toEqual(made);
  });

  test.each(["s3cret", "=A", "group=", "group=A,b=c"])("a selector %s is 400", async (selector) => {
    const reply = await call("GET", `/v1/app?labelSelector=${encodeURIComponent(selector)}`);
    const { message } = await read(reply, 400, Problem);
    expect(message).toMatch(/^labelSelector /);
    expect(message).not.toContain("s3cret");
  });
});

describe("scopes", () => {
  /** Returns the status of each request for a resource with a token. DELETE is the last request. */
  async function statuses(kind: string, id: string, token: string): Promise<number[]> {
    const path = `/v1/${kind}/${id}`;
    const label = { name: "seen", value: "yes" };
    const replies = [
      await call("GET", path, undefined, token),
      await call("PUT", `${path}/label`, label, token),
      await call("PUT", `${path}/stop`, undefined, token),
      await call("PUT", `${path}/start`, undefined, token),
      await call("DELETE", path, undefined, token),
    ];
    return replies.map(({ status }) => status);
  }
  const allowed = [200, 204, 200, 200, 204];
  const forbidden = [403, 403, 403, 403, 403];

  test.each(["ai_training_read", "quantum_reader"])(
    "a token of role %s can't manage resources, not even those it can access",
    async (role) => {
      const id = await api.make("notebook", { image: "quantum-qiskit" });
      const { value } = await api.token(role);
      expect(await statuses("notebook", id, value)).toEqual(forbidden);
      for (const kind of kinds) {
        await read(await call("GET", `/v1/${kind}`, undefined, value), 403, Problem);
        await read(await call("POST", `/v1/${kind}`, { image: "i" }, value), 403, Problem);
      }
    },
  );

  test("an unscoped operator token manages everything", async () => {
    const { value } = await api.token("ai_training_operator");
    for (const kind of kinds)
      expect(await statuses(kind, await api.make(kind), value)).toEqual(allowed);
  });

  test("a scoped one manages and lists only resources with its label", async () => {
    const { value } = await api.token("ai_training_operator", "group=A");
    const inside = await api.make("app", { labels: { group: "A" } });
    const outside = await api.make("app", { labels: { group: "B" } });
    expect(await ids("/v1/app", value)).toEqual([inside]);
    expect(await ids("/v1/app?labelSelector=ovh/type=app", value)).toEqual([inside]);
    expect(await ids("/v1/app?labelSelector=group=B", value)).toEqual([]);
    expect(await statuses("app", outside, value)).toEqual(forbidden);
    expect(await statuses("app", inside, value)).toEqual(allowed);
  });

  test("scopes follow labels as they change", async () => {
    const { value } = await api.token("ai_training_operator", "group=A");
    const id = await api.make("app");
    const status = async () => (await call("GET", `/v1/app/${id}`, undefined, value)).status;
    expect(await status()).toBe(403);
    await call("PUT", `/v1/app/${id}/label`, { name: "group", value: "A" });
    expect(await status()).toBe(200);
    await call("PUT", `/v1/app/${id}/label`, { name: "group" });
    expect(await status()).toBe(403);
  });

  test("a token scoped by ovh/id manages exactly one resource", async () => {
    const [one, other] = [await api.make("app"), await api.make("app")];
    const { value } = await api.token("ai_training_operator", `ovh/id=${one}`);
    expect(await statuses("app", other, value)).toEqual(forbidden);
    expect(await statuses("app", one, value)).toEqual(allowed);
  });

  test("a resource that a scoped token creates gets the label of the selector", async () => {
    const { value } = await api.token("ai_training_operator", "group=A");
    for (const kind of kinds) {
      const { id, spec, user } = await create(kind, { labels: { group: "B", x: "y" } }, value);
      expect(spec.labels).toEqual({ group: "A", x: "y", "ovh/id": id, "ovh/type": kind });
      expect(user).toBe("t");
    }
  });

  test("a token can't create a resource outside its scope", async () => {
    for (const selector of [`ovh/id=${unknownId}`, "ovh/type=job", "ovh/more=x"]) {
      const { value } = await api.token("ai_training_operator", selector);
      await read(await call("POST", "/v1/app", { image: "i" }, value), 403, Problem);
    }
    expect(await ids("/v1/app")).toEqual([]);
    const { value } = await api.token("ai_training_operator", "ovh/type=app");
    await create("app", {}, value);
  });

  test("quantum_operator manages Quantum Notebooks only", async () => {
    const image = "example/quantum-notebook:latest";
    const quantum = await api.make("notebook", { image, labels: { group: "A" } });
    const { value } = await api.token("quantum_operator");
    const scoped = await api.token("quantum_operator", "group=B");
    for (const kind of ["app", "job"])
      expect(await statuses(kind, await api.make(kind, { image }), value)).toEqual(forbidden);
    expect(await statuses("notebook", await api.make("notebook"), value)).toEqual(forbidden);
    expect(await ids("/v1/app", value)).toEqual([]);
    expect(await ids("/v1/notebook", value)).toEqual([quantum]);
    expect(await statuses("notebook", quantum, scoped.value)).toEqual(forbidden);
    await read(await call("POST", "/v1/notebook", { image: "i" }, value), 403, Problem);
    await create("notebook", { image }, value);
    expect(await statuses("notebook", quantum, value)).toEqual(allowed);
  });

  test("a user who signed in manages everything", async () => {
    const { user, accessToken } = await api.signIn();
    const made = await create("app", {}, accessToken);
    expect(made.user).toBe(user);
    expect(await statuses("app", made.id, accessToken)).toEqual(allowed);
  });
});

test("a sandbox starts with two running apps, a stopped app, a job and a notebook", async () => {
  api = startRegionalApi();
  call = api.call;
  const seeds = async (kind: string) => {
    const { items } = await read(await call("GET", `/v1/${kind}`), 200, List);
    return items.map(({ spec, status }) => [spec.labels["group"], status.state]);
  };
  expect(await seeds("app")).toEqual([
    ["A", "RUNNING"],
    ["B", "RUNNING"],
    [undefined, "STOPPED"],
  ]);
  expect(await seeds("job")).toEqual([[undefined, "RUNNING"]]);
  expect(await seeds("notebook")).toEqual([[undefined, "RUNNING"]]);
});
