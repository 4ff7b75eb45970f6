/** Validates the options of `doctor()`. */
import { checkKinds, isObject, kinds, warnOfUnknown, type OptionKinds } from "../../options/index.js";
import { features } from "./rights.js";

const allowed: readonly unknown[] = features;

const table: OptionKinds = {
  prefix: kinds.text,
  authPrefix: kinds.text,
  moveKey: kinds.text,
  uses: {
    is: (value) => Array.isArray(value) && value.every((name) => allowed.includes(name)),
    must: `a list of ${features.map((name) => `"${name}"`).join(", ")}`,
  },
  aclUser: kinds.text,
  sentinel: { is: (value) => isObject(value) && Array.isArray(value["nodes"]), must: "the `sentinel` of your store" },
  commandTimeout: kinds.milliseconds,
  timeout: kinds.milliseconds,
};

/** @throws HoldfastError `HOLDFAST_OPTION_INVALID` */
export function checkDoctorOptions(options: object): void {
  checkKinds(options, table);
  warnOfUnknown(options, { of: "doctor()", known: Object.keys(table) });
}
