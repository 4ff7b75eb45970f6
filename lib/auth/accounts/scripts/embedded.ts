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
export const finishAccountSource = `if redis.call("EXISTS", KEYS[1]) == 0 then
  return 0
end
redis.call("HSET", KEYS[1], "createdAt", ARGV[1])
redis.call("PERSIST", KEYS[1])
return 1\n`;
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
export const setDisabledSource = `if redis.call("EXISTS", KEYS[1]) == 0 then
  return 0
end
if ARGV[1] == "1" then
  redis.call("HSET", KEYS[1], "disabled", "1")
else
  redis.call("HDEL", KEYS[1], "disabled")
end
return 1\n`;
