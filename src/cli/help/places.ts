import { sinkKinds } from "../../session/session.ts";
import type { HelpTopic } from "./page.ts";

export const placesPage: HelpTopic = {
  title: "Places for a secret",
  sections: [
    {
      paragraphs: [
        "token create and renew print the new secret, once. With --to PLACE they send it there instead and print it nowhere; --to repeats.",
      ],
      terms: sinkKinds.map(({ form, title }) => ({ term: form, text: title })),
    },
    {
      paragraphs: [
        "Every place is opened and checked before anything is sent: if one is not fit, nothing happens. --force lets file:PATH replace a file.",
        "Every place gets the secret, whatever another meets; exit 9 says which did not. If none took it, it is shown at a terminal. Elsewhere a new token is deleted again, and a renewed one is to be renewed once more.",
      ],
    },
  ],
};
