/** The account: who you are, where you are logged in, and a new password. */
import type { Device, User } from "holdfast/auth";
import { html, type Html } from "../html.js";
import { ago } from "../times.js";
import { passwordHint } from "./entry-pages.js";
import { boxedError, csrfField, field, formError, type FormErrors } from "./fields.js";

export interface AccountFacts {
  readonly user: User;
  readonly pageViews: number;
  readonly devices: readonly (Device & { readonly isThis: boolean })[];
  readonly now: number;
}

export function accountPage(csrf: string, facts: AccountFacts, errors: FormErrors = {}): Html {
  const { user, pageViews } = facts;
  return html`<div class="account">
    <section class="who">
      <h1>${user.username}</h1>
      <p class="lead">Good to have you aboard.</p>
      <dl class="facts">
        ${
          user.email !== undefined &&
          html`<div>
            <dt>E-mail</dt>
            <dd>${user.email}</dd>
          </div>`
        }
        <div>
          <dt>Registered</dt>
          <dd>${date(user.createdAt)}</dd>
        </div>
        <div>
          <dt>Pages viewed</dt>
          <dd>${pageViews}</dd>
        </div>
      </dl>
      <p class="hint">Logging out ends this session and deletes the cart in it.</p>
    </section>
    ${devicesSection(csrf, facts, errors)} ${passwordSection(csrf, user, errors)}
  </div>`;
}

function devicesSection(csrf: string, { devices, now }: AccountFacts, errors: FormErrors): Html {
  const inOrder = [...devices.filter(({ isThis }) => isThis), ...devices.filter(({ isThis }) => !isThis)];
  return html`<section aria-labelledby="devices-title">
    <h2 id="devices-title">Where you are logged in</h2>
    ${boxedError("devices-error", errors.devices)}
    <ul class="devices">
      ${inOrder.map((device, index) => deviceLine(csrf, device, `device-${index}`, now))}
    </ul>
    ${
      devices.some(({ isThis }) => !isThis)
        ? html`<form method="post" action="/account/devices/end-others">
            ${csrfField(csrf)}
            <button type="submit">Log out everywhere else</button>
            <p class="hint">All other devices are logged out at their next click.</p>
          </form>`
        : html`<p class="hint">Nowhere else.</p>`
    }
  </section>`;
}

function deviceLine(csrf: string, device: Device & { isThis: boolean }, id: string, now: number): Html {
  const name = device.agent === "unknown" ? "Unknown browser" : device.agent;
  return html`<li>
    <div class="what">
      <p>
        <span class="name">${name}</span> ${device.isThis && html`<b class="this" aria-current="true">This device</b>`}
      </p>
      <p class="hint" id="${id}">
        <span>Last seen ${time(device.seen, now)}${device.where !== "unknown" && `, from ${device.where}`}</span>
        <span>Logged in ${time(device.since, now)}</span>
      </p>
    </div>
    ${
      !device.isThis &&
      html`<form method="post" action="/account/devices/end">
        ${csrfField(csrf)}<input type="hidden" name="device" value="${device.id}" />
        <button type="submit" aria-describedby="${id}">Log out<span class="visually-hidden"> ${name}</span></button>
      </form>`
    }
  </li>`;
}

/** The hidden user name tells a password manager whose password this is. */
function passwordSection(csrf: string, { username }: User, errors: FormErrors): Html {
  return html`<section aria-labelledby="password-title">
    <h2 id="password-title">Change password</h2>
    <form method="post" action="/account/password" class="stacked" novalidate>
      ${formError(errors)} ${csrfField(csrf)}
      <input type="text" name="username" value="${username}" autocomplete="username" readonly hidden />
      ${field(
        {
          name: "current",
          label: "Current password",
          attributes: html`type="password" autocomplete="current-password" required`,
        },
        errors,
      )}
      ${field(
        {
          name: "password",
          label: "New password",
          hint: passwordHint,
          attributes: html`type="password" autocomplete="new-password" required`,
        },
        errors,
      )}
      <div>
        <button type="submit" class="main">Change password</button>
        <p class="hint">Logs you out everywhere else.</p>
      </div>
    </form>
  </section>`;
}

function time(then: number, now: number): Html {
  return html`<time datetime="${new Date(then).toISOString()}">${ago(then, now)}</time>`;
}

function date(milliseconds: number): string {
  return new Date(milliseconds).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}
