/** Random texts and programs for minutes. */
import { fuzz } from "./fuzz.ts";

fuzz(200_000);
