-- Removes an account, and returns the names to free.
--
-- KEYS[1]  the user's key
--
-- Output   array: 1 if it existed, else 0; its user name; its e-mail address, if it has one

local names = redis.call("HMGET", KEYS[1], "username", "email")
return { redis.call("DEL", KEYS[1]), names[1], names[2] }
