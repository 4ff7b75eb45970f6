-- Writes a session, unless something is stored under one of its keys: the session itself, or a tombstone of it.
--
-- KEYS[1]  the session's key
-- KEYS[2]  the key under which it may be instead, if there is one
-- ARGV[1]  milliseconds to live; "" for no expiry
-- ARGV[2]  its text, if it is a string; else ""
-- ARGV[3+] name, value, name, value, ...; a list that is too long is passed as JSON in one argument
--
-- Output   1 if it was written, else 0

for i = 1, #KEYS do
  if redis.call("EXISTS", KEYS[i]) == 1 then
    return 0
  end
end
if ARGV[2] ~= "" then
  redis.call("SET", KEYS[1], ARGV[2])
else
  local list, first = ARGV, 3
  if #ARGV == 3 then
    list, first = cjson.decode(ARGV[3]), 1
  end
  for i = first, #list, 2 do
    redis.call("HSET", KEYS[1], list[i], list[i + 1])
  end
end
if ARGV[1] ~= "" then
  redis.call("PEXPIRE", KEYS[1], ARGV[1])
end
return 1
