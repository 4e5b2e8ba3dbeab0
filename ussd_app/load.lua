-- Look at a phone's session before a hop.
-- KEYS[1] the phone's session, a hash: `state`, `sids`, and a reply for each hop answered
-- KEYS[2] the phone's lease
-- ARGV[1] the hop's field: `r`, the session id's short hash, the hop's hash
-- ARGV[2] the session id's short hash   ARGV[3] the lease's token   ARGV[4] its life in milliseconds
-- Answers {'again', reply} · {'superseded'} · {'busy'} · {'go', state or '', '1' if the id is the current one}
local found = redis.call('HMGET', KEYS[1], ARGV[1], 'sids', 'state')
if found[1] then return {'again', found[1]} end
local sids = found[2] or ''
local at = string.find(sids, ARGV[2], 1, true)
if at and at > 1 then return {'superseded'} end
if not redis.call('SET', KEYS[2], ARGV[3], 'NX', 'PX', ARGV[4]) then return {'busy'} end
return {'go', found[3] or '', at and '1' or '0'}
