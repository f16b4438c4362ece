/** CI systems set CI to something true; nobody there watches or answers. */
export const isCi = ({ CI }: Readonly<Record<string, string | undefined>>): boolean =>
  !!CI && CI !== "0" && CI !== "false";
