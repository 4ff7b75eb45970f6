-- Whether anything is stored under a session's id.
--
-- KEYS[1]  the session's key
--
-- Output   "lives", "dead" (a tombstone) or "none"

local kind = redis.call("TYPE", KEYS[1]).ok
if kind == "none" then
  return "none"
end
if kind == "string" and redis.call("STRLEN", KEYS[1]) == 0 then
  return "dead"
end
return "lives"
