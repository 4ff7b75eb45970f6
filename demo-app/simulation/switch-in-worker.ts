/** The switch of the simulated visitors, in a worker: asks the primary, and knows what it last said. */
import { once } from "node:events";
import { Refused } from "../refused.js";
import { isSimulationMessage, type SimulationMessage, type SimulationSwitch } from "./switch.js";

/** Milliseconds that the primary has to do it. */
const patience = 5000;

export function switchInWorker(): SimulationSwitch {
  let isOn = false;
  const said = new EventTarget();
  process.on("message", (message) => {
    if (!isSimulationMessage(message)) return;
    isOn = message.simulation;
    said.dispatchEvent(new Event(String(isOn)));
  });

  return {
    get isOn() {
      return isOn;
    },
    async turn(wanted) {
      const done = once(said, String(wanted), { signal: AbortSignal.timeout(patience) });
      process.send?.({ simulation: wanted } satisfies SimulationMessage, () => {}); // what is not sent is not done
      await done.catch(() => {
        throw new Refused(503, "The simulated visitors do not do as they are told. Please try again.");
      });
    },
  };
}
