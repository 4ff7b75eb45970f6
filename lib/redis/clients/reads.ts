/** Which commands may be sent again after their connection was lost, although the server may have run them. Pure. */

const reads = /^(M?GET|HGETALL|HMGET|H?STRLEN|EXISTS|TTL|SMEMBERS|SISMEMBER|SCARD|ZRANGE|SCAN|PING)$/;

/** @param args the command as words, its name in capitals */
export function isRead([name = ""]: readonly string[]): boolean {
  return reads.test(name);
}
