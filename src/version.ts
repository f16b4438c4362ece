import manifest from "../package.json" with { type: "json" };

export const { version } = manifest;

/** The Nodes that it runs on: `>=20.19`. */
export const nodeRange = manifest.engines.node;
