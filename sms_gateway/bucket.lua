-- One token bucket for the provider's account, shared by every process, on the server's own clock.
--
-- KEYS[1]  the bucket, a hash:
--            at               when the tokens below were counted
--            all, bulk        tokens left for everyone, and for bulk (which may use 80 % of the rate)
--            hurry            until when bulk stands back, because the urgent lane is waiting
--            ceiling, rate, slowed   after a 429: the full rate, the rate then, and when that was
--            closed           until when nobody may send (Retry-After)
-- ARGV[1]  'take' or 'slow'
-- ARGV[2]  the configured rate in segments a second; 0 is unpaced
-- take:    ARGV[3] the lane; ARGV[4...] the segments of each waiting message, in their order
--          returns {how many of them may go now, milliseconds until the next may}
-- slow:    ARGV[3] seconds to stay closed, ARGV[4] the ceiling of an unpaced bucket, ARGV[5] seconds in which
--          further 429s belong to the same event; returns {the new rate in thousandths, milliseconds closed}

local BURST, SHARE, HURRY = 0.2, 0.8, 0.5      -- seconds of rate kept, of the rate for bulk, seconds
local RECOVERY, LEAST = 0.05 / 60, 1 / 64      -- of the ceiling a second, of the ceiling

local time = redis.call('TIME')
local now = time[1] + time[2] / 1e6
local command, configured = ARGV[1], tonumber(ARGV[2])
local names = { 'at', 'all', 'bulk', 'hurry', 'ceiling', 'rate', 'slowed', 'closed' }
local values = redis.call('HMGET', KEYS[1], unpack(names))
local bucket = {}
for n, name in ipairs(names) do bucket[name] = tonumber(values[n]) end

-- The rate of this moment: full, or on its way back to full; nil is unpaced.
local ceiling = configured > 0 and configured or bucket.ceiling
local rate = ceiling
if bucket.slowed then
  rate = math.min(ceiling, bucket.rate + ceiling * RECOVERY * (now - bucket.slowed))
  if rate >= ceiling then
    redis.call('HDEL', KEYS[1], 'ceiling', 'rate', 'slowed')
    if configured == 0 then rate = nil end
  end
end

local function milliseconds(seconds) return math.ceil(math.max(0, seconds) * 1000) end

if command == 'slow' then
  local closed = math.max(bucket.closed or 0, now + tonumber(ARGV[3]))
  if not bucket.slowed or now - bucket.slowed >= tonumber(ARGV[5]) then
    ceiling = ceiling or tonumber(ARGV[4])
    rate = math.max(ceiling * LEAST, (rate or ceiling) / 2)
    redis.call('HSET', KEYS[1], 'ceiling', ceiling, 'rate', rate, 'slowed', now)
  end
  redis.call('HSET', KEYS[1], 'closed', closed)
  redis.call('EXPIRE', KEYS[1], 7200)
  return { math.floor(rate * 1000), milliseconds(closed - now) }
end

local lane, waiting = ARGV[3], #ARGV - 3
if bucket.closed and bucket.closed > now then return { 0, milliseconds(bucket.closed - now) } end
if not rate then return { waiting, 0 } end
if lane == 'bulk' and (bucket.hurry or 0) > now then return { 0, milliseconds(bucket.hurry - now) } end

local room = math.max(1, rate * BURST)
local bulk_room = math.max(1, room * SHARE)
local passed = math.max(0, now - (bucket.at or 0))
local all = math.min(room, (bucket.all or room) + passed * rate)
local bulk = math.min(bulk_room, (bucket.bulk or bulk_room) + passed * rate * SHARE)

-- A message longer than the bucket goes when the bucket is full, and leaves it in debt.
local granted, wait = 0, 0
for n = 4, #ARGV do
  local cost = tonumber(ARGV[n])
  local short = (math.min(cost, room) - all) / rate
  if lane == 'bulk' then short = math.max(short, (math.min(cost, bulk_room) - bulk) / (rate * SHARE)) end
  if short > 1e-6 then wait = short break end
  granted, all = granted + 1, all - cost
  if lane == 'bulk' then bulk = bulk - cost end
end
redis.call('HSET', KEYS[1], 'at', now, 'all', all, 'bulk', bulk)
if lane == 'urgent' and granted < waiting then redis.call('HSET', KEYS[1], 'hurry', now + HURRY) end
redis.call('EXPIRE', KEYS[1], 7200)
return { granted, milliseconds(wait) }
