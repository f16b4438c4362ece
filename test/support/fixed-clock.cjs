// Loaded before the program (`node --require`): it is always TOKCTL_TEST_NOW, in milliseconds since 1970.
const now = Number(process.env.TOKCTL_TEST_NOW);
globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length === 0 ? [now] : given));
  }
  static now() {
    return now;
  }
};
