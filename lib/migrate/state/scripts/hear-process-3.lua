-- Stores a process's report, and returns the state of the move.
--
-- KEYS[1]  the move
-- KEYS[2]  the processes that follow it
-- KEYS[3]  the sessions whose change has not reached the legacy store
-- ARGV[1]  the process; omitted to only read
-- ARGV[2]  its report; "" if it ends
--
-- Output   array: field, value, ... of the move, "unmirrored" (how many), and "now" in milliseconds of this server's clock

local time = redis.call("TIME")
local now = time[1] .. string.format("%03d", math.floor(time[2] / 1000))
if ARGV[1] then
  if ARGV[2] == "" then
    redis.call("HDEL", KEYS[2], ARGV[1])
  else
    redis.call("HSET", KEYS[2], ARGV[1], now .. " " .. ARGV[2])
  end
end
local fields = redis.call("HGETALL", KEYS[1])
table.insert(fields, "unmirrored")
table.insert(fields, tostring(redis.call("SCARD", KEYS[3])))
table.insert(fields, "now")
table.insert(fields, now)
return fields
