-- Counts the keys that hold something: a hash, or a string that is not a tombstone.
--
-- KEYS    the keys; on a cluster, one
--
-- Output  their number

local count = 0
for i = 1, #KEYS do
  local kind = redis.call("TYPE", KEYS[i]).ok
  if kind == "hash" or (kind == "string" and redis.call("STRLEN", KEYS[i]) > 0) then
    count = count + 1
  end
end
return count
