/** What a visitor sees if holdfast/auth refuses something: a sentence for each reason, and the field it belongs to. */
import { passwordLength, type Refusal } from "holdfast/auth";
import { waitingTime } from "../times.js";
import type { FormErrors } from "../views/fields.js";

const badName = {
  username: "A name has 3 to 30 letters and digits; dots, hyphens and underscores are allowed inside.",
};
const tooShort = { password: `A password has at least ${passwordLength.min} characters.` };

/** @param typed the input in the form; if several fields are wrong, all errors are shown */
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
    case "username-invalid":
      return { ...badName, ...(typed.password.length < passwordLength.min && tooShort) };
    case "email-taken":
      return { email: "There is already an account with this address." };
    case "email-invalid":
      return { email: "An address has a name, an @ and a domain, such as ada@example.org. Or leave it empty." };
    case "password-too-short":
      return tooShort;
    case "password-too-long":
      return { password: `A password has at most ${passwordLength.max} characters.` };
    case "password-common":
      return { password: "This password is too common. Please choose another one." };
    case "throttled":
      return { form: `Too many attempts. Please try again in ${waitingTime(retryAfter)}.` };
  }
}
