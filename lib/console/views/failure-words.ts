/** What an operator is told when something failed: a refusal is mended differently from a Redis that is away. Pure. */
import { HoldfastError } from "../../errors/index.js";
import { refusedRight } from "../../ops/refused-right.js";

export interface FailureWords {
  readonly headline: string;
  readonly sentence: string;
  /** Redis is there; waiting does not help. */
  readonly isRefusal: boolean;
}

export function failureWords(error: unknown): FailureWords {
  if (!HoldfastError.is(error))
    return { headline: "Redis does not answer", sentence: "Redis does not answer.", isRefusal: false };
  if (error.reason !== "no-permission") return { headline: titleOf(error), sentence: error.message, isRefusal: false };
  const sentence = `The Redis user of this app lacks rights that the console needs: ${refusedRight(error)}.`;
  return { headline: "Redis does not let the console look", sentence, isRefusal: true };
}

function titleOf({ status }: HoldfastError): string {
  if (status === 503) return "Redis does not answer";
  return status === 409 ? "This cannot be done now" : "This cannot be done";
}
