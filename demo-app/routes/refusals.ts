/** What a visitor sees if holdfast/auth refuses something: a sentence for each reason, and the field it belongs to. */
import type { IsCommonPassword, Refusal } from "holdfast/auth";
import { emailProblem, passwordProblem, usernameProblem } from "../input-rules.js";
import { waitingTime } from "../times.js";
import type { FormErrors } from "../views/fields.js";

/** The fields of a form, as typed. */
export interface Typed {
  readonly username: string;
  readonly email: string;
  readonly current: string;
  readonly password: string;
}

/** The refusal names one reason; if several fields are wrong, all of them are marked. */
export async function errorsOf(refusal: Refusal, typed: Typed, isCommon: IsCommonPassword): Promise<FormErrors> {
  const { action, reason, retryAfter = 1 } = refusal;
  switch (reason) {
    case "missing":
    case "username-invalid":
    case "email-invalid":
    case "password-too-short":
    case "password-too-long":
    case "password-common":
      return brokenRules(action, typed, isCommon);
    case "wrong":
      return action === "logIn"
        ? { form: "User name and password do not match.", username: "", password: "" }
        : { current: "That is not your current password." };
    case "login-required":
      return { form: "You are no longer logged in, so nothing was done. Please log in again." };
    case "disabled":
      return { form: "This account is closed." };
    case "unknown-device":
      return { devices: "That device is already logged out." };
    case "username-taken":
      return { username: "This name is taken. Please choose another one." };
    case "email-taken":
      return { email: "There is already an account with this address." };
    case "throttled":
      return { form: `Too many attempts. Please try again in ${waitingTime(retryAfter)}.` };
  }
}

async function brokenRules(action: Refusal["action"], typed: Typed, isCommon: IsCommonPassword): Promise<FormErrors> {
  const problems: Record<string, string | undefined> =
    action === "logIn"
      ? {
          username: typed.username === "" ? "Please type your user name or e-mail address." : undefined,
          password: typed.password === "" ? "Please type your password." : undefined,
        }
      : {
          ...(action === "register" && {
            username: usernameProblem(typed.username),
            email: emailProblem(typed.email),
          }),
          ...(action === "changePassword" && {
            current: typed.current === "" ? "Please type your current password." : undefined,
          }),
          password: await passwordProblem(typed.password, isCommon),
        };
  const broken = Object.entries(problems).filter(([, sentence]) => sentence !== undefined);
  // A request that no form of the shop sends, such as one with `true` for an address.
  return broken.length > 0 ? Object.fromEntries(broken) : { form: "Something in this form cannot be read." };
}
