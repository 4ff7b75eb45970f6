-- Replaces a session that lies in a hash (layout `hash`) by a string, if the hash is what this request loaded.
--
-- KEYS[1]  the session's key
-- ARGV[1]  the new text
-- ARGV[2]  seconds to live; "0" for no end
-- ARGV[3+] the fields that were loaded: name, value, name, value, ...
--
-- Output   1   replaced
--          0   the session is gone; nothing was written
--          -1  another request came first; nothing was written

local length = redis.call("HLEN", KEYS[1])
if length == 0 then
  return 0
end
if length * 2 ~= #ARGV - 2 then
  return -1
end
for i = 3, #ARGV, 2 do
  if redis.call("HGET", KEYS[1], ARGV[i]) ~= ARGV[i + 1] then
    return -1
  end
end
if ARGV[2] == "0" then
  redis.call("SET", KEYS[1], ARGV[1])
else
  redis.call("SET", KEYS[1], ARGV[1], "EX", ARGV[2])
end
return 1
