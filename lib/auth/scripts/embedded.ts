/** The Lua files of this folder, embedded by scripts/embed-lua.mjs. Do not edit. */
export const beginAccountSource = `for i = 2, #ARGV, 2 do
  redis.call("HSET", KEYS[1], ARGV[i], ARGV[i + 1])
end
redis.call("EXPIRE", KEYS[1], ARGV[1])
return 1\n`;
export const changePasswordSource = `if redis.call("HGET", KEYS[1], "passwordHash") ~= ARGV[1] then
  return 0
end
redis.call("HSET", KEYS[1], "passwordHash", ARGV[2])
return 1\n`;
export const dropEntriesSource = `for i = 1, #ARGV, 2 do
  if redis.call("HGET", KEYS[1], ARGV[i]) == ARGV[i + 1] then
    redis.call("HDEL", KEYS[1], ARGV[i])
  end
end
return 1\n`;
export const endAllLoginsSource = `if ARGV[3] then
  local asker = redis.call("HGET", KEYS[1], ARGV[3])
  if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[4] or (asker and string.sub(asker, 1, 1) == "-") then
    return -1
  end
end
redis.call("DEL", KEYS[1])
redis.call("HSET", KEYS[1], "epoch", ARGV[1], "revoked", "1")
if ARGV[5] then
  redis.call("HSET", KEYS[1], ARGV[5], ARGV[6])
end
redis.call("EXPIRE", KEYS[1], ARGV[2])
return 1\n`;
export const endLoginSource = `if ARGV[3] ~= "" then
  local asker = redis.call("HGET", KEYS[1], ARGV[3])
  if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[4] or (asker and string.sub(asker, 1, 1) == "-") then
    return -1
  end
end
local entry = redis.call("HGET", KEYS[1], ARGV[1])
if not entry or string.sub(entry, 1, 1) == "-" then
  return 0
end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] ~= "" then
  redis.call("HSET", KEYS[1], "revoked", "1")
end
return 1\n`;
export const finishAccountSource = `if redis.call("EXISTS", KEYS[1]) == 0 then
  return 0
end
redis.call("HSET", KEYS[1], "createdAt", ARGV[1])
redis.call("PERSIST", KEYS[1])
return 1\n`;
export const openLoginSource = `if ARGV[6] == "1" and redis.call("HEXISTS", KEYS[1], "revoked") == 1 then
  return false
end
redis.call("HSETNX", KEYS[1], "epoch", ARGV[3])
if ARGV[5] ~= "" then
  redis.call("HDEL", KEYS[1], ARGV[5])
end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
if redis.call("TTL", KEYS[1]) < tonumber(ARGV[4]) then
  redis.call("EXPIRE", KEYS[1], ARGV[4])
end
return {redis.call("HGET", KEYS[1], "epoch"), redis.call("HLEN", KEYS[1])}\n`;
export const removeAccountSource = `local names = redis.call("HMGET", KEYS[1], "username", "email")
return { redis.call("DEL", KEYS[1]), names[1], names[2] }\n`;
export const replaceClaimSource = `if redis.call("GET", KEYS[1]) ~= ARGV[1] then
  return 0
end
if ARGV[2] == "" then
  redis.call("DEL", KEYS[1])
else
  redis.call("SET", KEYS[1], ARGV[2])
end
return 1\n`;
export const seeLoginSource = `if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[3] then
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
return 1\n`;
export const setDisabledSource = `if redis.call("EXISTS", KEYS[1]) == 0 then
  return 0
end
if ARGV[1] == "1" then
  redis.call("HSET", KEYS[1], "disabled", "1")
else
  redis.call("HDEL", KEYS[1], "disabled")
end
return 1\n`;
