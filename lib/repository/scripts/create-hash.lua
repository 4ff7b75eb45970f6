-- Writes a whole session as a hash, whatever is there.
--
-- KEYS[1]  the session's key
-- KEYS[2]  the key under which it may be instead, if there is one: what is there goes at the same moment
-- ARGV[1]  seconds to live; "0" for no expiry
-- ARGV[2+] name, value, name, value, ...; a list that is too long is passed as JSON in one argument
--
-- Output   1

local list, first = ARGV, 2
if #ARGV == 2 then
  list, first = cjson.decode(ARGV[2]), 1
end
for i = 1, #KEYS do
  redis.call("DEL", KEYS[i])
end
for i = first, #list, 2 do
  redis.call("HSET", KEYS[1], list[i], list[i + 1])
end
if ARGV[1] ~= "0" then
  redis.call("EXPIRE", KEYS[1], ARGV[1])
end
return 1
