/** Which rule an input breaks, as the sentence beside its field; undefined if it breaks none. Pure. */
import { isEmail, isUsername, passwordLength, type IsCommonPassword } from "holdfast/auth";

export function usernameProblem(typed: string): string | undefined {
  const name = typed.trim();
  if (isUsername(name)) return undefined;
  if (name === "") return "Please choose a user name.";
  const characters = Array.from(name);
  if (characters.length < 3) return `This name has ${counted(characters.length)}; it needs at least 3.`;
  if (characters.length > 30) return `This name has ${counted(characters.length)}; it may have at most 30.`;
  const wrong = characters.find((character) => !/[\p{L}\p{N}\p{M}._-]/u.test(character));
  if (wrong !== undefined) return `A user name cannot contain ${named(wrong)}.`;
  if (/^[^\p{L}\p{N}]/u.test(name)) return `A user name cannot begin with ${named(characters[0]!)}.`;
  return "This name could be taken for another one: it mixes alphabets, or has characters that cannot be seen.";
}

/** An address is optional. */
export function emailProblem(typed: string): string | undefined {
  const address = typed.trim();
  if (address === "" || isEmail(address)) return undefined;
  if (address.length > 254) return `This address has ${counted(address.length)}; it may have at most 254.`;
  const wrong = /[\s"(),:;<>[\]\\]/.exec(address)?.[0];
  if (wrong !== undefined) return `An address cannot contain ${named(wrong)}.`;
  const [name, domain, ...more] = address.split("@");
  if (domain === undefined) return "This address has no @.";
  if (more.length > 0) return "This address has more than one @.";
  if (name === "") return "This address has nothing before its @.";
  if (domain === "") return "This address has nothing after its @.";
  if (domain.endsWith(".")) return "An address cannot end with a dot.";
  return "This address has characters that no address can have.";
}

/** @param isCommon whether many people use this password */
export async function passwordProblem(typed: string, isCommon: IsCommonPassword): Promise<string | undefined> {
  const { length } = Array.from(typed);
  if (length === 0) return "Please choose a password.";
  if (length < passwordLength.min)
    return `This has ${counted(length)}; a password needs at least ${passwordLength.min}.`;
  if (length > passwordLength.max)
    return `This has ${counted(length)}; a password may have at most ${passwordLength.max}.`;
  return (await isCommon(typed))
    ? "So many people use this password that it is tried first. Please choose another one."
    : undefined;
}

function counted(characters: number): string {
  return characters === 1 ? "1 character" : `${characters} characters`;
}

function named(character: string): string {
  if (/\s/.test(character)) return "a space";
  return /\p{C}/u.test(character) ? "a character that cannot be seen" : `“${character}”`;
}
