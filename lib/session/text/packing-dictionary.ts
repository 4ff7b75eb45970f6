/**
 * What sessions often contain, most frequent last: a compressed session refers to it instead of spelling it out. It
 * belongs to the marker of compressed texts and must never change; another dictionary needs another marker.
 */
export const dictionary = Buffer.from(
  '"billing":{"shipping":{"address":{"street":"city":"zip":"country":"timeZone":"language":"currency":"EUR","USD",' +
    '"items":[{"sku":"productId":"name":"title":"quantity":1,"price":"total":"cart":{"wishlist":["filters":{' +
    '"preferences":{"theme":"locale":"en","email":"@example.com","roles":["admin"],"role":"permissions":["token":' +
    '"accessToken":"refreshToken":"csrfToken":"csrfSecret":"state":"returnTo":"/","redirect":"messages":[],' +
    '"flash":{"info":["error":["success":["lastActivity":17,"createdAt":"updatedAt":"at":"2026-T00:00:00.000Z"},' +
    '"visits":"views":1,"isAdmin":false,"loggedIn":true,"username":"userId":"user":{"id":"_id":null,true,false,' +
    '"login":{"user":{"id":"","username":"","email":""},"device":"","epoch":"","since":17,"seen":17,"confirmed":17,' +
    '"remember":false},"passport":{"user":"},' +
    '{"cookie":{"originalMaxAge":86400000,"expires":"2026-01-01T00:00:00.000Z","secure":true,"httpOnly":true,' +
    '"path":"/","sameSite":"lax"},"',
);
