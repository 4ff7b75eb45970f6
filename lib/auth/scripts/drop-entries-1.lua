-- Takes entries off the list that are still what they were.
--
-- KEYS[1]  the user's list of devices
-- ARGV     field, entry, field, entry, ...
--
-- Output   1

for i = 1, #ARGV, 2 do
  if redis.call("HGET", KEYS[1], ARGV[i]) == ARGV[i + 1] then
    redis.call("HDEL", KEYS[1], ARGV[i])
  end
end
return 1
