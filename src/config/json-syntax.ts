const space = /[ \t\r\n]*/y;
const string = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-f]{4}))*"/iuy;
const literal = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null/iy;

/**
 * Returns the line, from 1, of the first syntax error in a text that is not JSON. JSON.parse does
 * not give the position of every error, and js-yaml accepts commas, comments and quotes that JSON
 * doesn't.
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-2
 */
export function findJsonErrorLine(text: string): number {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    at += found?.length ?? 0;
    return found !== undefined;
  };
  const takeMark = (character: string): boolean => {
    take(space);
    const isNext = text[at] === character;
    if (isNext) at++;
    return isNext;
  };
  const takeValue = (): boolean => {
    if (takeMark("{")) return takeMark("}") || (takeItems(takeMember) && takeMark("}"));
    if (takeMark("[")) return takeMark("]") || (takeItems(takeValue) && takeMark("]"));
    return take(string) || take(literal);
  };
  const takeMember = (): boolean => take(space) && take(string) && takeMark(":") && takeValue();
  const takeItems = (takeItem: () => boolean): boolean => {
    while (takeItem()) if (!takeMark(",")) return true;
    return false;
  };
  takeValue();
  take(space);
  return text.slice(0, at).split("\n").length;
}
