-- Keep what a hop came to, if its lease still holds; then drop the lease.
-- KEYS[1] the phone's session   KEYS[2] the phone's lease
-- ARGV[1] the lease's token   ARGV[2] the session id's short hash (8 characters)
-- ARGV[3] the hop's field   ARGV[4] the reply   ARGV[5] the state, or '' when the dialogue has ended
-- ARGV[6] seconds to keep it all   ARGV[7] session ids whose replies are kept
-- Answers false when saved; what is stored for this hop, or '', when the lease was lost.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return redis.call('HGET', KEYS[1], ARGV[3]) or '' end
local sids = redis.call('HGET', KEYS[1], 'sids') or ''
if string.sub(sids, 1, 8) ~= ARGV[2] then
  sids = string.sub(ARGV[2] .. sids, 1, 64)
  local kept = string.sub(sids, 1, 8 * tonumber(ARGV[7]))
  if #sids > #kept then
    for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
      if string.sub(field, 1, 1) == 'r' and not string.find(kept, string.sub(field, 2, 9), 1, true) then
        redis.call('HDEL', KEYS[1], field)
      end
    end
  end
end
redis.call('HSET', KEYS[1], 'sids', sids, 'state', ARGV[5], ARGV[3], ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[6])
redis.call('DEL', KEYS[2])
return false
