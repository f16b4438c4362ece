import { EVENT_ID, getScalarValue, parseEvents } from "js-yaml";

/** Where something stands in a document, and what stands in it, by key or index. */
interface Place {
  readonly offset: number;
  readonly text: string;
  readonly inside: ReadonlyMap<unknown, Place>;
}

/**
 * The line, counted from 1, of what stands at this path of keys and indexes in a YAML document; of
 * what is not there, the line of that which lacks it.
 */
export function lineOf(document: string, path: readonly unknown[]): number {
  let place = placesIn(document);
  for (const key of path) place = place?.inside.get(key) ?? place;
  return document.slice(0, place?.offset).split("\n").length;
}

function placesIn(document: string): Place | undefined {
  const events = parseEvents(document, {}).values();

  /** Reads on to the end of the next value; undefined at the end of a list or mapping. */
  function read(): Place | undefined {
    const { value: event } = events.next();
    switch (event?.type) {
      case EVENT_ID.DOCUMENT:
        return read();
      case EVENT_ID.SCALAR:
        return {
          offset: event.valueStart,
          text: getScalarValue(document, event),
          inside: new Map(),
        };
      case EVENT_ID.ALIAS:
        return { offset: event.anchorStart, text: "", inside: new Map() };
      case EVENT_ID.SEQUENCE: {
        const items: Place[] = [];
        for (let item = read(); item; item = read()) items.push(item);
        return { offset: event.start, text: "", inside: new Map(items.entries()) };
      }
      case EVENT_ID.MAPPING: {
        const entries = new Map<string, Place>();
        for (let key = read(); key; key = read())
          entries.set(key.text, {
            offset: key.offset,
            text: "",
            inside: read()?.inside ?? new Map(),
          });
        return { offset: event.start, text: "", inside: entries };
      }
      default:
        return undefined;
    }
  }

  return read();
}
