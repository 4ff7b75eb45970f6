/** Whether a new password is allowed. Existing passwords are not checked. */
import { lengthOf, passwordLength } from "./password-work.js";

/** Why a password is not allowed. */
export type PasswordRefusal = "password-too-short" | "password-too-long" | "password-common";

/** Checks whether a password is too common. `commonPasswords()` returns one. */
export type IsCommonPassword = (password: string) => boolean | Promise<boolean>;

export async function passwordRefusal(
  password: string,
  isCommon: IsCommonPassword | undefined,
): Promise<PasswordRefusal | undefined> {
  const length = lengthOf(password);
  if (length < passwordLength.min) return "password-too-short";
  if (length > passwordLength.max) return "password-too-long";
  return (await isCommon?.(password)) ? "password-common" : undefined;
}
