// cli-table3 types its index alone; how wide it takes a text to be is in a module of its own.
declare module "cli-table3/src/utils.js" {
  export const strlen: (text: string) => number;
}
