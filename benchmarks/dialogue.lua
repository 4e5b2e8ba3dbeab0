-- For wrk: plays whole USSD sessions as the gateway posts them, and checks how each answer begins.
-- TEXTS    the transcript of each hop, encoded for a form      SCREENS  how each answer must begin
--          (both separated by the byte 31)
-- PATH     the webhook's path                                  FIRST    the first phone's number (8 digits)
-- PHONES   phones in flight: so many hops lie between two of one phone, so its answer has come
-- Run it with one thread. The last line it prints is the tally, as JSON.
local function split(text)
  local parts = {}
  for part in (text .. "\31"):gmatch("(.-)\31") do parts[#parts + 1] = part end
  return parts
end

local texts, screens = split(os.getenv("TEXTS")), split(os.getenv("SCREENS"))
local path, hops = os.getenv("WEBHOOK"), #texts
local phones, serial = tonumber(os.getenv("PHONES")), tonumber(os.getenv("FIRST")) - 1
local before, after, sessions = {}, {}, {}
local turn, round, asked_before = 0, 0, false
asked, heard, wrong, sample = {}, {}, 0, ""

function setup(thread) the_thread = thread end

function init()
  for hop, text in ipairs(texts) do
    after[hop] = "&networkCode=63902&serviceCode=%2A384%2A22262%23&text=" .. text
    local length = #"sessionId=" + 38 + #"&phoneNumber=" + 15 + #after[hop]
    before[hop] = "POST " .. path .. " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port
      .. "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " .. length .. "\r\n\r\nsessionId="
    asked[hop], heard[hop] = 0, 0
  end
end

local function dial()
  serial = serial + 1
  return { hop = 1, who = string.format("ATUid_%032x&phoneNumber=%%2B2547%08d", serial, serial) }
end

-- Phones begin in as many groups as there are hops, one after the other, so that all kinds of hops mix.
local function next_phone()
  repeat
    turn = turn + 1
    if turn > phones then turn, round = 1, round + 1 end
  until turn % hops <= round
  return turn
end

function request()
  if not asked_before then  -- wrk looks at one request first, and does not send it
    asked_before = true
    return before[1] .. string.format("ATUid_%032x&phoneNumber=%%2B2547%08d", 0, 0) .. after[1]
  end
  local at = next_phone()
  local session = sessions[at]
  if not session then
    session = dial()
    sessions[at] = session
  end
  local hop = session.hop
  asked[hop] = asked[hop] + 1
  if hop < hops then session.hop = hop + 1 else sessions[at] = nil end
  return before[hop] .. session.who .. after[hop]
end

function response(status, _, body)
  if status == 200 then
    for hop, screen in ipairs(screens) do
      if body:sub(1, #screen) == screen then
        heard[hop] = heard[hop] + 1
        return
      end
    end
  end
  wrong = wrong + 1
  if sample == "" then sample = status .. " " .. body:sub(1, 80) end
end

function done(summary, latency)
  local e = summary.errors
  print(string.format(
    '{"hops": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "lost": %d, "wrong": %d, "asked": [%s], "heard": [%s]}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    e.connect + e.read + e.write + e.timeout, the_thread:get("wrong"),
    table.concat(the_thread:get("asked"), ", "), table.concat(the_thread:get("heard"), ", ")))
  io.stderr:write(the_thread:get("sample"))
end
