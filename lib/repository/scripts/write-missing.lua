-- Writes sessions under those keys under which nothing is stored, not even a tombstone. One server must have all keys.
--
-- KEYS  the sessions' keys
-- ARGV  for each key the text, and the seconds to live; "0" for no expiry
--
-- Output   for each key 1, or 0 if something is stored there

local written = {}
for i, key in ipairs(KEYS) do
  local text, seconds = ARGV[2 * i - 1], ARGV[2 * i]
  local reply
  if seconds == "0" then
    reply = redis.call("SET", key, text, "NX")
  else
    reply = redis.call("SET", key, text, "NX", "EX", seconds)
  end
  written[i] = reply and 1 or 0
end
return written
