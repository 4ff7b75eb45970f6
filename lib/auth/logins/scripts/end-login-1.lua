-- Ends one login: by itself, or because another login of this user asks for it.
--
-- KEYS[1]  the user's list of devices
-- ARGV[1]  the device's field
-- ARGV[2]  now, in milliseconds since 1970
-- ARGV[3]  the suffix of the mark
-- ARGV[4]  seconds for which a revocation must be remembered; "" for forever
-- ARGV[5]  the field of the login that asks, which may be the same
-- ARGV[6]  the epoch of that login
-- ARGV[7]  when that login began, in milliseconds since 1970
-- ARGV[8]  the channel that tells of ended logins
-- ARGV[9]  the user's id
--
-- Output   1; 0 if no such login is listed, or it has already ended; -1 if the login that asks has ended itself

local asks = redis.call("HGET", KEYS[1], ARGV[5])
local floor = redis.call("HGET", KEYS[1], "floor")
if asks and string.sub(asks, 1, 1) == "-" then
  return -1
end
-- If an overlapping request has let this very login continue in a new epoch, a logout ends what it continued as.
local logs_out = asks and ARGV[1] == ARGV[5] and ARGV[3] == ""
if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[6] and not logs_out then
  return -1
end
if not asks and floor and tonumber(ARGV[7]) <= tonumber(floor) then
  return -1
end
local since = ARGV[7]
if ARGV[1] ~= ARGV[5] then
  local entry = redis.call("HGET", KEYS[1], ARGV[1])
  if not entry or string.sub(entry, 1, 1) == "-" then
    return 0
  end
  since = string.match(entry, '"since":(%d+)') or "0"
  redis.call("HSET", KEYS[1], "revoked", "1")
  if ARGV[4] == "" then
    redis.call("PERSIST", KEYS[1])
  elseif redis.call("TTL", KEYS[1]) < tonumber(ARGV[4]) then
    redis.call("EXPIRE", KEYS[1], ARGV[4])
  end
end
local ended = tonumber(since) > tonumber(ARGV[2]) and since or ARGV[2]
redis.call("HSET", KEYS[1], ARGV[1], "-" .. ended .. ARGV[3])
redis.pcall("PUBLISH", ARGV[8], ARGV[9])
return 1
