/** The Lua files of this folder, embedded by scripts/embed-lua.mjs. Do not edit. */
export const replaceSource = `local stored = redis.call("GET", KEYS[1])
if not stored or stored == "" then
  return 0
end
if stored ~= ARGV[1] then
  return stored
end
if ARGV[3] == "0" then
  redis.call("SET", KEYS[1], ARGV[2])
else
  redis.call("SET", KEYS[1], ARGV[2], "EX", ARGV[3])
end
return 1\n`;
