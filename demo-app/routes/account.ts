/** Register, log in, log out, devices and password: the pages are the shop's, and holdfast/auth does the work. */
import { Router, type Request, type Response } from "express";
import { requireLogin, safePath, type FormOptions, type IsCommonPassword, type LocalAuth } from "holdfast/auth";
import { textField } from "../forms.js";
import { accountPage } from "../views/account-page.js";
import { logInPage, registerPage, type EntryForm } from "../views/entry-pages.js";
import type { FormErrors } from "../views/fields.js";
import { sendPage, userOf, type Shop } from "./context.js";
import { errorsOf } from "./refusals.js";

/** What has just happened, by the name in the query string. */
const notices = {
  ended: "That device is logged out.",
  "ended-others": "You are logged out everywhere else.",
  changed: "Your password has been changed, and you are logged out everywhere else.",
};

export function accountRoutes(shop: Shop, auth: LocalAuth, isCommonPassword: IsCommonPassword): Router {
  const router = Router();
  /** The handlers for forms that redirect to `account`. */
  const forms = (account = "/account") =>
    auth.forms({ pages: { account, afterLogin: "/account", afterLogout: "/?out" }, refuse });

  router.get("/register", (req, res) => sendRegisterPage(req, res, { next: nextOf(req.query["next"]) }));
  router.get("/login", (req, res) => sendLogInPage(req, res, { next: nextOf(req.query["next"]) }));
  router.get("/account", requireLogin(), (req, res) => sendAccountPage(req, res));

  // The addresses of refused forms, typed or reloaded.
  router.get(["/account/password", "/account/devices/:form"], (_req, res) => res.redirect(303, "/account"));

  router.post("/register", forms().register);
  router.post("/login", forms().logIn);
  router.post("/logout", forms().logOut);
  router.post("/account/devices/end", forms("/account?ended").endDevice);
  router.post("/account/devices/end-others", forms("/account?ended-others").endOtherDevices);
  router.post("/account/password", forms("/account?changed").changePassword);
  return router;

  /** Shows the form again, with the input and its errors. */
  async function refuse(...[request, response, refusal]: Parameters<NonNullable<FormOptions["refuse"]>>) {
    const [req, res] = [request as Request, (response as Response).status(refusal.status)];
    const [username, email] = [textField(req, "username"), textField(req, "email")];
    const [current, password] = [textField(req, "current"), textField(req, "password")];
    const errors = await errorsOf(refusal, { username, email, current, password }, isCommonPassword);
    const form = { username, next: nextOf(textField(req, "next")), errors };
    if (refusal.action === "register") sendRegisterPage(req, res, { ...form, email });
    else if (refusal.action === "logIn")
      sendLogInPage(req, res, { ...form, remember: textField(req, "remember") !== "" });
    else if (refusal.reason === "login-required") sendLogInPage(req, res, { next: "/account", errors });
    else await sendAccountPage(req, res, errors);
  }

  function sendRegisterPage(req: Request, res: Response, form: EntryForm): void {
    sendPage(shop, req, res, { title: "Register", path: "/register", main: registerPage(shop.csrf.token(req), form) });
  }

  function sendLogInPage(req: Request, res: Response, form: EntryForm): void {
    sendPage(shop, req, res, { title: "Log in", path: "/login", main: logInPage(shop.csrf.token(req), form) });
  }

  async function sendAccountPage(req: Request, res: Response, errors?: FormErrors): Promise<void> {
    const user = userOf(req)!;
    const devices = await auth.devices(req);
    const facts = { user, devices, pageViews: req.session.pageViews ?? 0, now: Date.now() };
    const notice = Object.entries(notices).find(([name]) => req.query[name] !== undefined)?.[1];
    const main = accountPage(shop.csrf.token(req), facts, errors);
    sendPage(shop, req, res, { title: "Account", path: "/account", main, notice });
  }
}

function nextOf(given: unknown): string | undefined {
  return safePath(given, "") || undefined;
}
