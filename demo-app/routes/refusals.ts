/** What a visitor reads when holdfast/auth refuses something: a sentence for each reason, and the field it belongs to. */
import { passwordLength, type Refusal } from "holdfast/auth";
import { waitingTime } from "../times.js";
import type { FormErrors } from "../views/fields.js";

const badName = { username: "A name has 3 to 30 letters and digits; dots, hyphens and underscores may be inside." };
const tooShort = { password: `A password has at least ${passwordLength.min} characters.` };

/** @param typed what was in the form; of several things that are wrong at once, all are said */
export function errorsOf(refusal: Refusal, typed: { username: string; password: string }): FormErrors {
  const { action, reason, retryAfter = 1 } = refusal;
  switch (reason) {
    case "missing":
      if (action === "changePassword") return { current: "Please type your current password and a new one." };
      return action === "register"
        ? { ...(typed.username === "" && badName), ...(typed.password.length < passwordLength.min && tooShort) }
        : {
            ...(typed.username === "" && { username: "Please type your user name." }),
            ...(typed.password === "" && { password: "Please type your password." }),
          };
    case "wrong":
      return action === "logIn"
        ? { form: "User name and password do not fit together.", username: "", password: "" }
        : { current: "That is not your current password." };
    case "login-required":
      return { form: "You are not logged in any more, so nothing was done. Please log in again." };
    case "disabled":
      return { form: "This account is closed." };
    case "unknown-device":
      return { devices: "That one is logged out already." };
    case "username-taken":
      return { username: "Somebody has this name already. Please choose another one." };
    case "username-invalid":
      return { ...badName, ...(typed.password.length < passwordLength.min && tooShort) };
    case "email-taken":
      return { email: "There is an account with this address already." };
    case "email-invalid":
      return { email: "An address has a name, an @ and a domain, as ada@example.org. Or leave it empty." };
    case "password-too-short":
      return tooShort;
    case "password-too-long":
      return { password: `A password has at most ${passwordLength.max} characters.` };
    case "password-common":
      return { password: "This password is one of those that are tried first. Please choose another one." };
    case "throttled":
      return { form: `That was tried too often. Please try again in ${waitingTime(retryAfter)}.` };
  }
}
