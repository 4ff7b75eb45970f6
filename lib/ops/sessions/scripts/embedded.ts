/** The Lua files of this folder, embedded by scripts/embed-lua.mjs. Do not edit. */
export const countSessionsSource = `local count = 0
for i = 1, #KEYS do
  local kind = redis.call("TYPE", KEYS[i]).ok
  if kind == "hash" or (kind == "string" and redis.call("STRLEN", KEYS[i]) > 0) then
    count = count + 1
  end
end
return count\n`;
export const importSessionSource = `for i = 1, #KEYS do
  if redis.call("EXISTS", KEYS[i]) == 1 then
    return 0
  end
end
if ARGV[2] ~= "" then
  redis.call("SET", KEYS[1], ARGV[2])
else
  local list, first = ARGV, 3
  if #ARGV == 3 then
    list, first = cjson.decode(ARGV[3]), 1
  end
  for i = first, #list, 2 do
    redis.call("HSET", KEYS[1], list[i], list[i + 1])
  end
end
if ARGV[1] ~= "" then
  redis.call("PEXPIRE", KEYS[1], ARGV[1])
end
return 1\n`;
export const lookAtSessionsSource = `local found = {}
local room = tonumber(ARGV[1])
local wanted = ARGV[2]
local function mayContain(text)
  return string.sub(text, 1, 1) == "~" or string.find(text, wanted, 1, true) ~= nil
end
local isNeeded = {}
for i = 3, #ARGV do
  isNeeded[ARGV[i]] = true
end
for i = 1, #KEYS do
  local key = KEYS[i]
  local kind = redis.call("TYPE", key).ok
  local size = 0
  local value = false
  local isWanted = wanted == ""
  if kind == "string" then
    size = redis.call("STRLEN", key)
    if not isWanted then
      value = redis.call("GET", key)
      isWanted = mayContain(value)
      if size > room then
        value = false
      end
    elseif size <= room then
      value = redis.call("GET", key)
    end
  elseif kind == "hash" then
    local fields = redis.call("HGETALL", key)
    value = {}
    local bytes = 0
    for f = 1, #fields, 2 do
      size = size + #fields[f] + #fields[f + 1]
      if #ARGV == 2 or isNeeded[fields[f]] then
        bytes = bytes + #fields[f] + #fields[f + 1]
        value[#value + 1] = fields[f]
        value[#value + 1] = fields[f + 1]
        isWanted = isWanted or mayContain(fields[f + 1])
      end
    end
    if bytes > room then
      value = false
    end
  end
  if size > 0 and isWanted then
    if type(value) == "string" then
      room = room - #value
    elseif value then
      room = room - size
    end
    found[#found + 1] = { i, redis.call("PTTL", key), size, value }
  end
end
return found\n`;
