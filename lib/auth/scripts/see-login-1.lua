-- A login is seen; it is listed if the list has missed it.
--
-- KEYS[1]  the user's list of devices
-- ARGV[1]  the device's field
-- ARGV[2]  its entry
-- ARGV[3]  the epoch that it began under
-- ARGV[4]  seconds that the list lives at least
--
-- Output   1; 0 if the login was ended

if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[3] then
  return 0
end
local entry = redis.call("HGET", KEYS[1], ARGV[1])
if entry and string.sub(entry, 1, 1) == "-" then
  return 0
end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
if redis.call("TTL", KEYS[1]) < tonumber(ARGV[4]) then
  redis.call("EXPIRE", KEYS[1], ARGV[4])
end
return 1
