/** Generated cases are the same at each run, so that a break is not noticed today and missed tomorrow. */
import fc from "fast-check";

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 1 });
