/**
 * What has to be done for the session when a response ends. Pure; test/http/plan-end.test.ts has the table of cases.
 */

/** The session at the end of the request. */
export interface EndingSession {
  /** The visitor sent its id in the cookie. */
  readonly isSent: boolean;
  /** It is the session that the request started with, or created. */
  readonly isOriginal: boolean;
  /** Its body differs from the one that the request started with. */
  readonly isChanged: boolean;
  /** The store is known to hold it, in some state. */
  readonly isStored: boolean;
  /** The store is known to hold exactly this body, and it need not be written again. */
  readonly isSaved: boolean;
  /** It was destroyed or expired while the request ran. */
  readonly isGone: boolean;
  /** The app changed the cookie's settings ("remember me"). */
  readonly hasNewCookieSettings: boolean;
  /** Its cookie outlives the browser window. */
  readonly isPersistent: boolean;
}

/** The options of the same names. */
export interface EndSettings {
  readonly rolling: boolean;
  readonly saveUninitialized: boolean;
}

export interface EndPlan {
  readonly save: boolean;
  /** Only if the head of the response has not been sent yet. */
  readonly sendCookie: boolean;
  /** Refresh its lifetime, if that is due. */
  readonly touch: boolean;
}

/**
 * Decides as express-session does, with three differences: what was saved is not saved again, changed cookie settings
 * count as a change, and a session that is gone is neither saved nor sent.
 */
export function planEnd(session: EndingSession, { rolling, saveUninitialized }: EndSettings): EndPlan {
  const { hasNewCookieSettings, isChanged, isOriginal, isGone, isPersistent, isSaved, isSent, isStored } = session;
  if (isGone) return nothing;
  const isModified = isChanged || !isOriginal;
  const isKnown = isStored || isSent;
  const save = hasNewCookieSettings || (isKnown || saveUninitialized ? !isOriginal || !isSaved : isModified);
  const isCookieDue = isSent ? rolling || (isPersistent && isModified) : saveUninitialized || isStored || isModified;
  return { save, sendCookie: hasNewCookieSettings || isCookieDue, touch: !save && isSent };
}

const nothing: EndPlan = { save: false, sendCookie: false, touch: false };
