-- One login ends.
--
-- KEYS[1]  the user's list of devices
-- ARGV[1]  the device's field
-- ARGV[2]  the mark to leave there
-- ARGV[3]  "1" if another login revokes it
--
-- Output   1; 0 if no such login is listed

local entry = redis.call("HGET", KEYS[1], ARGV[1])
if not entry or string.sub(entry, 1, 1) == "-" then
  return 0
end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] == "1" then
  redis.call("HSET", KEYS[1], "revoked", "1")
end
return 1
