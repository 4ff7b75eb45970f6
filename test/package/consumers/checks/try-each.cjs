// Runs checks one after the other, and prints as JSON what became of each: "kept", or why not.

/** A check that has not ended by then never will. */
const patience = 15_000;

/** @param checks functions by what they check */
exports.tryEach = async function tryEach(checks, site) {
  const outcomes = {};
  for (const [name, check] of Object.entries(checks)) {
    try {
      await within(patience, check(site));
      outcomes[name] = "kept";
    } catch (error) {
      outcomes[name] = String(error?.message ?? error);
    }
  }
  return outcomes;
};

function within(milliseconds, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not end within ${milliseconds / 1000} s`)), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Asks until the answer is true, or nobody waits for it any more. */
exports.until = async function until(question) {
  const deadline = Date.now() + patience;
  while (!(await question()) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
};

/** With both values in the message, whatever they are. */
exports.expectEqual = function expectEqual(value, expected) {
  const [got, wanted] = [value, expected].map((one) => JSON.stringify(one));
  if (got !== wanted) throw new Error(`${got} instead of ${wanted}`);
};
