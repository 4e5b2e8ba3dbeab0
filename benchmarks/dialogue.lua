-- For wrk: plays whole USSD sessions as the gateway posts them, and checks how each answer begins.
-- TEXTS    the transcript of each hop, encoded for a form      SCREENS  how each answer must begin
--          (both separated by the byte 31)
-- WEBHOOK  the path to post to                                 FIRST    the first phone's number (8 digits)
-- SHARE    phone numbers of each thread
-- Give each thread one connection (-t32 -c32): a phone's next hop must wait for the answer to its last one,
-- and wrk does not tell whose answer it has. The last line it prints is the tally, as JSON.
local function split(text)
  local parts = {}
  for part in (text .. "\31"):gmatch("(.-)\31") do parts[#parts + 1] = part end
  return parts
end

local WHO = "ATUid_%032x&phoneNumber=%%2B2547%08d"
local texts, screens, path = split(os.getenv("TEXTS")), split(os.getenv("SCREENS")), os.getenv("WEBHOOK")
local before, after, who, threads = {}, {}, "", {}
hop, ended, wrong, sample = 0, 0, 0, ""

function setup(thread)
  thread:set("serial", tonumber(os.getenv("FIRST")) + #threads * tonumber(os.getenv("SHARE")))
  threads[#threads + 1] = thread
end

function init()
  for n, text in ipairs(texts) do
    after[n] = "&networkCode=63902&serviceCode=%2A384%2A22262%23&text=" .. text
    local length = #"sessionId=" + #WHO:format(0, 0) + #after[n]
    before[n] = "POST " .. path .. " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port
      .. "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " .. length .. "\r\n\r\nsessionId="
  end
end

local function dial()
  hop, serial = 1, serial + 1
  who = WHO:format(serial, serial)
end

-- Before it starts, wrk looks at one request of its first thread, and does not send it: it is made again.
function request()
  if hop == 0 then dial() end
  return before[hop] .. who .. after[hop]
end

function response(status, _, body)
  local screen = screens[hop]
  if status ~= 200 or body:sub(1, #screen) ~= screen then
    wrong = wrong + 1
    if sample == "" then sample = "hop " .. hop - 1 .. ": " .. status .. " " .. body:sub(1, 80) end
    hop = 0
  elseif hop == #screens then
    ended, hop = ended + 1, 0
  else
    hop = hop + 1
  end
end

function done(summary, latency)
  local e, ends, wrongs, first = summary.errors, 0, 0, ""
  for _, thread in ipairs(threads) do
    ends, wrongs = ends + thread:get("ended"), wrongs + thread:get("wrong")
    if first == "" then first = thread:get("sample") end
  end
  io.stderr:write(first)
  print(string.format(
    '{"hops": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "sessions": %d, "wrong": %d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    ends, wrongs + e.connect + e.read + e.write + e.timeout))
end
