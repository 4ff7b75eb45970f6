-- Brings a session from one of its keys to the other, if it is not there: both may hold it while `hashIds` is switched.
--
-- KEYS[1]  the key under which it is wanted
-- KEYS[2]  the key under which another process may have stored it
--
-- Output   2  it was brought
--          1  it was there
--          0  there is none, or it was destroyed (a tombstone), or what is there is no session (a hash without a cookie)

local kind = redis.call("TYPE", KEYS[1]).ok
if kind == "string" then
  return redis.call("STRLEN", KEYS[1]) > 0 and 1 or 0
elseif kind == "hash" then
  return redis.call("HGET", KEYS[1], "cookie") and 1 or 0
elseif kind ~= "none" then
  return 0
end
local other = redis.call("TYPE", KEYS[2]).ok
if other ~= "hash" and (other ~= "string" or redis.call("STRLEN", KEYS[2]) == 0) then
  return 0
end
redis.call("RENAME", KEYS[2], KEYS[1])
return 2
