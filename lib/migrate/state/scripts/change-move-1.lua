-- Changes the state of the move, unless it was changed meanwhile.
--
-- KEYS[1]  the move
-- ARGV[1]  the expected version
-- ARGV     field, value, ...; a value of "" removes the field
--
-- Output   1, or 0 if the version differs

if (redis.call("HGET", KEYS[1], "version") or "0") ~= ARGV[1] then
  return 0
end
for i = 2, #ARGV, 2 do
  if ARGV[i + 1] == "" then
    redis.call("HDEL", KEYS[1], ARGV[i])
  else
    redis.call("HSET", KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
redis.call("HINCRBY", KEYS[1], "version", 1)
return 1
