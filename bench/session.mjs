// The visitor's session that every variant keeps: about 2.5 KB of JSON in 20 top-level keys, of which a page view changes 3.

export function sampleSession(visitor) {
  const product = (n) => ({
    sku: `HF-${1000 + n}`,
    name: `Stoneware bowl no. ${n}`,
    quantity: 1 + (n % 3),
    cents: 1490 + n,
  });
  return {
    user: {
      id: `u-${visitor}`,
      name: `Visitor ${visitor}`,
      email: `visitor${visitor}@shop.example`,
      roles: ["customer"],
    },
    passport: { user: `u-${visitor}` },
    cart: { items: [1, 2, 3, 4, 5, 6].map((n) => product(n + (visitor % 7))), coupon: null, currency: "EUR" },
    preferences: {
      language: "en",
      theme: "dark",
      newsletter: false,
      units: { length: "cm", weight: "kg" },
      notifications: { email: true, push: false, digest: "weekly" },
    },
    recentlyViewed: [11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30].map((n) => ({
      sku: `HF-${n}`,
      at: 1_760_000_000_000 + n * 61_000,
    })),
    wishlist: ["HF-1021", "HF-1033", "HF-1040", "HF-1077"],
    addresses: {
      shipping: {
        name: `Visitor ${visitor}`,
        street: "12 Harbour Lane",
        city: "Bristol",
        zip: "BS1 4TR",
        country: "GB",
      },
      billing: {
        name: `Visitor ${visitor}`,
        street: "12 Harbour Lane",
        city: "Bristol",
        zip: "BS1 4TR",
        country: "GB",
      },
    },
    searches: ["bowl", "stoneware blue", "tea pot", "mug with handle", "gift under 30"],
    filters: {
      category: "kitchen",
      inStock: true,
      price: { from: 5, to: 80 },
      palette: ["blue", "sand"],
      sort: "newest",
    },
    experiments: { checkoutButton: "B", heroImage: "A", freeShippingBar: "control" },
    consent: { necessary: true, statistics: false, marketing: false, at: "2026-03-01T10:15:30.000Z" },
    csrfToken: "q7l0n0b3rS4p2vXfEJ8bD1cUqKzW9yMt",
    flash: { info: ["Your cart was kept for you."] },
    referrer: "https://search.example/?q=stoneware+bowl",
    device: { kind: "desktop", os: "Linux", browser: "Firefox", width: 1920, height: 1080 },
    loginAt: 1_760_000_000_000,
    locale: { timeZone: "Europe/London", country: "GB", vat: 20 },
    pageViews: 0,
    currentPage: "/",
    lastActivity: 1_760_000_000_000,
  };
}

/** A session of about so many bytes of JSON: less of the sample, or more of what was viewed. */
function sizedSession(visitor, bytes) {
  const { user, passport, csrfToken, pageViews, currentPage, lastActivity, ...rest } = sampleSession(visitor);
  const session = { user, passport, csrfToken, pageViews, currentPage, lastActivity, recentlyViewed: [] };
  let size = JSON.stringify(session).length;
  for (const [key, value] of Object.entries(rest)) {
    const more = JSON.stringify({ [key]: value }).length;
    if (key === "recentlyViewed" || size + more > bytes) continue;
    session[key] = value;
    size += more;
  }
  for (let n = 0; size < bytes; n++) {
    session.recentlyViewed.push({ sku: `HF-${n}`, at: 1_760_000_000_000 + n * 61_000 });
    size += 33;
  }
  return session;
}

/** The sample, unless a size is asked for. @param bytes of its JSON, about */
export function sessionOfSize(visitor, bytes) {
  return bytes ? sizedSession(visitor, bytes) : sampleSession(visitor);
}

/** What the page view that writes does to it. */
export function notePageView(session, page) {
  session.pageViews += 1;
  session.currentPage = page;
  session.lastActivity = Date.now();
}
