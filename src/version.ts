import manifest from "../package.json" with { type: "json" };

/** The version of tokctl, such as `1.2.3`. */
export const { version } = manifest;

/** The supported versions of Node, such as `>=20.19`. */
export const nodeRange = manifest.engines.node;
