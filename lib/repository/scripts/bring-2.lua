-- Brings a session from one of its keys to the other, if it is not there: both may hold it while `hashIds` is switched.
--
-- KEYS[1]  the key under which it is wanted
-- KEYS[2]  the key under which another process may have stored it
--
-- Output   2  it was brought
--          1  it was there
--          0  there is none, or it was destroyed (a tombstone)

local function isSession(key)
  local kind = redis.call("TYPE", key).ok
  return kind == "hash" or (kind == "string" and redis.call("STRLEN", key) > 0), kind
end
local isThere, kind = isSession(KEYS[1])
if kind ~= "none" then
  return isThere and 1 or 0
end
if not isSession(KEYS[2]) then
  return 0
end
redis.call("RENAME", KEYS[2], KEYS[1])
return 2
