/** Validation of an app's options, and the messages about invalid ones. */
export {
  type OptionKind,
  type OptionKinds,
  checkKinds,
  group,
  isObject,
  kinds,
  oneOf,
  seconds,
} from "./option-kinds.js";
export { optionInvalid } from "../errors/index.js";
export { warnOfUnused, warnOfUnknown } from "./unknown-options.js";
