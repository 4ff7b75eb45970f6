// Before the tests: what the console sends to browsers is made of its sources.
import { makeConsoleAssets } from "../../scripts/console-assets.mjs";

export default makeConsoleAssets;
