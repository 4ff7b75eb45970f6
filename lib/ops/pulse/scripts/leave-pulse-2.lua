-- Leaves the pulse of a process, and forgets those of processes that have ended.
--
-- KEYS[1]  the index: ids, by the second in which their pulse ends
-- KEYS[2]  the pulse of this process
-- ARGV[1]  the id of this process
-- ARGV[2]  its pulse
-- ARGV[3]  the pulse's seconds to live
-- ARGV[4]  the index's seconds to live, which are more

local now = tonumber(redis.call("TIME")[1])
redis.call("SET", KEYS[2], ARGV[2], "EX", ARGV[3])
redis.call("ZADD", KEYS[1], now + ARGV[3], ARGV[1])
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now - 1)
redis.call("EXPIRE", KEYS[1], ARGV[4])
