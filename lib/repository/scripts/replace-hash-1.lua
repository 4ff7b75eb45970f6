-- Replaces a session stored as a hash (layout `hash`) with a string, if the hash is what this request loaded.
--
-- KEYS[1]  the session's key
-- ARGV[1]  the new text
-- ARGV[2]  seconds to live; "0" for no expiry
-- ARGV[3+] the fields that were loaded: name, value, name, value, ...; a list that is too long is passed as JSON in
--          one argument
--
-- Output   1   replaced
--          0   the session is gone; nothing was written
--          -1  another request saved first; nothing was written

local length = redis.call("HLEN", KEYS[1])
if length == 0 then
  return 0
end
local list, first = ARGV, 3
if #ARGV == 3 then
  list, first = cjson.decode(ARGV[3]), 1
end
if length * 2 ~= #list - first + 1 then
  return -1
end
for i = first, #list, 2 do
  if redis.call("HGET", KEYS[1], list[i]) ~= list[i + 1] then
    return -1
  end
end
if ARGV[2] == "0" then
  redis.call("SET", KEYS[1], ARGV[1])
else
  redis.call("SET", KEYS[1], ARGV[1], "EX", ARGV[2])
end
return 1
