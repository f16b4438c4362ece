import type { ErrorHandler } from "hono";
import { HTTPException } from "hono/http-exception";

/** Answers with `{"message"}`; of what goes wrong unforeseen it tells nothing. */
export const answerProblem: ErrorHandler = (error, c) =>
  error instanceof HTTPException
    ? c.json({ message: error.message }, error.status)
    : c.json({ message: "internal server error" }, 500);
