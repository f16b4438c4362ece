import { apis } from "./apis.ts";
import { describeFaults } from "./play.ts";

describeFaults(apis["ovh-ai"]);
