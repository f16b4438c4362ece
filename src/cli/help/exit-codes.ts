import { exitCodes } from "../../errors.ts";
import { errorCodes, explanations } from "../error-explanations.ts";
import type { HelpTopic } from "./page.ts";

export const exitCodesPage: HelpTopic = {
  title: "Exit codes",
  sections: [
    {
      paragraphs: [
        "Each kind of failure has an exit code for scripts and a name, which an error shows in brackets and json as `code`. `tokctl explain CODE` says more of one.",
      ],
      terms: [
        { term: "0", text: "done" },
        ...errorCodes.map((code) => ({
          term: `${String(exitCodes[code]).padEnd(3)} ${code}`,
          text: explanations[code].meaning,
        })),
      ],
    },
    {
      paragraphs: [
        "`tokctl sandbox exec` ends with the exit code of its command, 128+n if signal n ended it.",
        "A pipe that is closed early, as by `head`, is no failure: 0.",
      ],
    },
  ],
};
