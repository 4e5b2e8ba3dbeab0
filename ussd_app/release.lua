-- Drop a lease that is ours and was taken for nothing.
-- KEYS[1] the phone's lease   ARGV[1] the lease's token
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return false
