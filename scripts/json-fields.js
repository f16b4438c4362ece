// The fields of every output, read from schemas/.
import { readdir, readFile } from "node:fs/promises";

/** Returns the fields of every output by its command, in the form `{id, name, roles: [{name}]}`. */
async function readJsonFields() {
  const names = (await readdir("schemas")).toSorted();
  const schemas = new Map();
  for (const name of names)
    schemas.set(name, JSON.parse(await readFile(`schemas/${name}`, "utf8")));
  const fields = [...schemas.values()].map((schema) => [
    (schema.description ?? "").replace(/^tokctl /, ""),
    formatShape(schema, schemas),
  ]);
  return new Map(fields.toSorted(([a], [b]) => a.localeCompare(b)));
}

function formatShape(schema, schemas) {
  const { $ref, properties, items, oneOf, required = [] } = schema;
  if ($ref !== undefined) {
    const [file = "", path = ""] = $ref.split("#");
    if (path === "") return `(${(schemas.get(file)?.description ?? "").replace(/^tokctl /, "")})`;
    const keys = path.split("/").filter(Boolean);
    const target = keys.reduce((node, key) => node[key], schemas.get(file) ?? {});
    return formatShape(target, schemas);
  }
  if (properties) {
    const fields = Object.entries(properties).map(([name, value]) => {
      const shape = formatShape(value, schemas);
      return `${name}${required.includes(name) ? "" : "?"}${shape === "" ? "" : `: ${shape}`}`;
    });
    return `{${fields.join(", ")}}`;
  }
  if (items) {
    const shape = formatShape(items, schemas);
    return shape === "" ? "" : `[${shape}]`;
  }
  return oneOf?.[0] ? formatShape(oneOf[0], schemas) : "";
}

/** Returns the text of the file from which `tokctl help output` lists the fields. */
export const formatJsonFields = async () =>
  `${JSON.stringify(Object.fromEntries(await readJsonFields()), null, 2)}\n`;
