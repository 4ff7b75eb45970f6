/** The Lua files of this folder, embedded by scripts/embed-lua.mjs. Do not edit. */
export const announceSource = `redis.call("PUBLISH", ARGV[1], ARGV[2])
return 1\n`;
export const dropEntriesSource = `local floor = tonumber(redis.call("HGET", KEYS[1], "floor") or "0")
if tonumber(ARGV[1]) > floor and redis.call("EXISTS", KEYS[1]) == 1 then
  redis.call("HSET", KEYS[1], "floor", ARGV[1])
end
for i = 2, #ARGV, 2 do
  if redis.call("HGET", KEYS[1], ARGV[i]) == ARGV[i + 1] then
    redis.call("HDEL", KEYS[1], ARGV[i])
  end
end
return 1\n`;
export const endAllLoginsSource = `if ARGV[6] then
  local asks = redis.call("HGET", KEYS[1], ARGV[6])
  local floor = redis.call("HGET", KEYS[1], "floor")
  if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[7] or (asks and string.sub(asks, 1, 1) == "-") then
    return -1
  end
  if not asks and floor and tonumber(ARGV[8]) <= tonumber(floor) then
    return -1
  end
end
redis.call("DEL", KEYS[1])
redis.call("HSET", KEYS[1], "epoch", ARGV[1], "revoked", "1")
if ARGV[6] then
  redis.call("HSET", KEYS[1], ARGV[6], ARGV[9])
end
if ARGV[3] ~= "" then
  redis.call("EXPIRE", KEYS[1], math.max(tonumber(ARGV[2]), tonumber(ARGV[3])))
end
redis.pcall("PUBLISH", ARGV[4], ARGV[5])
return 1\n`;
export const endLoginSource = `local asks = redis.call("HGET", KEYS[1], ARGV[5])
local floor = redis.call("HGET", KEYS[1], "floor")
if asks and string.sub(asks, 1, 1) == "-" then
  return -1
end
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
return 1\n`;
export const openLoginSource = `local revoked = redis.call("HEXISTS", KEYS[1], "revoked") == 1
if ARGV[8] == "1" then
  local entry = redis.call("HGET", KEYS[1], ARGV[1])
  if revoked or (entry and string.sub(entry, 1, 1) == "-") then
    return false
  end
end
redis.call("HSETNX", KEYS[1], "epoch", ARGV[3])
if ARGV[6] ~= "" then
  redis.call("HSET", KEYS[1], ARGV[6], ARGV[7])
  redis.pcall("PUBLISH", ARGV[9], ARGV[10])
end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
local needed = tonumber(ARGV[4])
if revoked then
  needed = ARGV[5] ~= "" and math.max(needed, tonumber(ARGV[5]))
end
if not needed then
  redis.call("PERSIST", KEYS[1])
elseif redis.call("TTL", KEYS[1]) < needed then
  redis.call("EXPIRE", KEYS[1], needed)
end
return {redis.call("HGET", KEYS[1], "epoch"), redis.call("HLEN", KEYS[1])}\n`;
export const seeLoginSource = `if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[3] then
  return 0
end
local entry = redis.call("HGET", KEYS[1], ARGV[1])
local floor = redis.call("HGET", KEYS[1], "floor")
if entry and string.sub(entry, 1, 1) == "-" then
  return 0
end
if not entry and floor and tonumber(ARGV[4]) <= tonumber(floor) then
  return 0
end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
local needed = tonumber(ARGV[5])
if redis.call("HEXISTS", KEYS[1], "revoked") == 1 then
  needed = ARGV[6] ~= "" and math.max(needed, tonumber(ARGV[6]))
end
if not needed then
  redis.call("PERSIST", KEYS[1])
elseif redis.call("TTL", KEYS[1]) < needed then
  redis.call("EXPIRE", KEYS[1], needed)
end
return 1\n`;
