/** Whether V8 keeps an object's properties by their place, and not in a dictionary, which is slower to read. */
import { setFlagsFromString } from "node:v8";
import { runInThisContext } from "node:vm";

setFlagsFromString("--allow-natives-syntax");

/** From tests that do not share their process with others. */
export const isFast: (object: object) => boolean = runInThisContext("(object) => %HasFastProperties(object)");
