/** Errors of Redis and of the connection to it, in words for operators: what is the matter, and what helps. Pure. */
import { codes, type HoldfastError } from "../../errors/index.js";
import { troubleOf, type Trouble } from "../../ops/doctor/trouble.js";

/** `undefined` if the error says it well by itself. */
export function troubleSentences(error: HoldfastError): string | undefined {
  const trouble = troubleFor(error);
  if (!trouble) return undefined;
  const { words, remedy } = trouble;
  const place = placeIn(error);
  if (place !== undefined) return `${subjectOf(place)} ${words}. ${remedy}`;
  const [doing] =
    /^(?:The session could not be \w+|A command to Redis failed|The session store failed)(?=: )/.exec(error.message) ??
    [];
  return doing === undefined ? undefined : `${doing}: the server ${words}. ${remedy}`;
}

/** The reason by what the server said, or else by how the connection failed. */
export function troubleFor(error: HoldfastError): Trouble | undefined {
  if (error.reason === "no-permission") return undefined;
  return troubleOf(error) ?? ofConnection(error);
}

function ofConnection(error: HoldfastError): Trouble | undefined {
  const { cause, code, reason } = error;
  const place = placeIn(error);
  if (code !== codes.REDIS_UNREACHABLE || place === undefined) return undefined;
  const isUrl = /^rediss?:/.test(place);
  if (reason === "reset" && !place.startsWith("rediss:"))
    return {
      words: "closed the connection",
      remedy: `If it expects TLS, ${isUrl ? "write rediss:// in place of redis://" : "use --tls"}. Else check the port, and its log.`,
    };
  if (reason === "timeout" && place.startsWith("rediss:"))
    return {
      words: "did not answer in time",
      remedy:
        "If it does not speak TLS, write redis:// in place of rediss://. Else look at its load, and at firewalls.",
    };
  if (reason === "timeout")
    return {
      words: "did not answer in time",
      remedy: "Look whether it runs (it may be frozen, or overloaded), and at firewalls; check the address.",
    };
  if (cause === undefined && place.startsWith("the cluster"))
    return {
      words: "has no server with slots: it has not been formed yet, or has lost all of them",
      remedy: "Look at CLUSTER NODES; redis-cli --cluster create forms one.",
    };
  return undefined;
}

/** The address in the message, without user and password. */
function placeIn({ message }: HoldfastError): string | undefined {
  return /^Redis at (.+?) (?:cannot be reached|asks for a password|refused the password)\b/.exec(message)?.[1];
}

/** `the cluster at 10.0.0.1:6379`, `Sentinel mymaster (10.0.0.1:26379)`, or a URL */
function subjectOf(place: string): string {
  if (place.startsWith("the cluster")) return `T${place.slice(1)}`;
  return place.startsWith("Sentinel") ? place : `The server at ${place}`;
}
