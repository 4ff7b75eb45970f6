/** Register, log in, log out, account. The checking is done by holdfast/auth. */
import { Router, type Request } from "express";
import { passwordLength, requireLogin, type LocalAuth, type RegisterResult } from "holdfast/auth";
import { textField } from "../forms.js";
import { safePath } from "../safe-path.js";
import { accountPage, logInPage, registerPage, type CredentialsForm } from "../views/account-pages.js";
import { sendPage, userOf, type Shop } from "./context.js";

export function accountRoutes(shop: Shop, auth: LocalAuth): Router {
  const router = Router();

  router.get("/register", (req, res) => {
    const main = registerPage(shop.csrf.token(req), { next: nextOf(req.query["next"]) });
    sendPage(shop, req, res, { title: "Register", main });
  });

  router.post("/register", async (req, res) => {
    const [username, password] = [textField(req, "username"), textField(req, "password")];
    const next = nextOf(textField(req, "next"));
    const result = await auth.register({ username, password });
    if (result.ok) {
      await auth.begin(req, result.user);
      res.redirect(303, next ?? "/account");
      return;
    }
    const form = { username, next, errors: registerErrors(result.reason, password) };
    res.status(result.reason === "username-taken" ? 409 : 422);
    sendPage(shop, req, res, { title: "Register", main: registerPage(shop.csrf.token(req), form) });
  });

  router.get("/login", (req, res) => {
    const main = logInPage(shop.csrf.token(req), { next: nextOf(req.query["next"]) });
    sendPage(shop, req, res, { title: "Log in", main });
  });

  router.post("/login", async (req, res) => {
    const username = textField(req, "username");
    const next = nextOf(textField(req, "next"));
    const result = await auth.logIn(req, res);
    if (result.ok) {
      res.redirect(303, next ?? "/account");
      return;
    }
    const errors = result.reason === "missing" ? missing(req) : { form: "User name and password do not fit together." };
    res.status(result.reason === "missing" ? 422 : 401);
    sendPage(shop, req, res, { title: "Log in", main: logInPage(shop.csrf.token(req), { username, next, errors }) });
  });

  router.post("/logout", async (req, res) => {
    await auth.logOut(req);
    res.redirect(303, "/?out");
  });

  router.get("/account", requireLogin(), (req, res) => {
    const { username, createdAt } = userOf(req)!;
    const main = accountPage(shop.csrf.token(req), { username, createdAt, pageViews: req.session.pageViews ?? 0 });
    sendPage(shop, req, res, { title: "Account", main });
  });

  return router;
}

function nextOf(given: unknown): string | undefined {
  return safePath(given, "") || undefined;
}

const tooShort = { password: `A password has at least ${passwordLength.min} characters.` };

function registerErrors(
  reason: Extract<RegisterResult, { ok: false }>["reason"],
  password: string,
): CredentialsForm["errors"] {
  const username = "A name has 3 to 30 letters and digits; dots, hyphens and underscores may be inside.";
  const errors: Record<typeof reason, CredentialsForm["errors"]> = {
    "username-taken": { username: "Somebody has this name already. Please choose another one." },
    "username-invalid": { username, ...(password.length < passwordLength.min && tooShort) },
    "password-too-short": tooShort,
    "password-too-long": { password: `A password has at most ${passwordLength.max} characters.` },
  };
  return errors[reason];
}

function missing(req: Request): CredentialsForm["errors"] {
  return {
    ...(textField(req, "username") === "" && { username: "Please type your user name." }),
    ...(textField(req, "password") === "" && { password: "Please type your password." }),
  };
}
