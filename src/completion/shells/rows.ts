/** A candidate as a shell inserts or shows it, and what is said of it. */
export type Row = readonly [value: string, words: string];

/** Values with their descriptions, one to a line of a terminal, in columns. */
export function layOut(rows: readonly Row[], columns: number): readonly string[] {
  const width = Math.max(...rows.map(([value]) => value.length));
  return rows.map(([value, words]) => {
    const line = words === "" ? value : `${value.padEnd(width)}  ${words}`;
    return Array.from(line)
      .slice(0, Math.max(columns - 2, value.length))
      .join("");
  });
}
