-- Publishes as the end of a login does, but fails if the Redis user may not.
--
-- KEYS[1]  a key that this user may use
-- ARGV[1]  the channel that tells of ended logins
-- ARGV[2]  the message
--
-- Output   1

redis.call("PUBLISH", ARGV[1], ARGV[2])
return 1
