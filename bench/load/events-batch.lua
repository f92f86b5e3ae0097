-- wrk script: batches of 100 events, every event new, with ids as aisle.js makes them (UUID version 7). KEY is an API key.
local counter = 0
local thread = 0
function setup(t) thread = thread + 1; t:set("id", thread) end
function init() math.randomseed(os.time() * 100 + id) end
local function uuid7()
  counter = counter + 1
  local ms = os.time() * 1000 + counter % 1000
  return string.format("%08x-%04x-7%03x-8%03x-%06x%06x", math.floor(ms / 65536), ms % 65536, math.random(0, 4095), math.random(0, 4095), math.random(0, 16777215), math.random(0, 16777215))
end
function request()
  local events = {}
  for i = 1, 100 do
    events[i] = string.format('{"id":"%s","type":"view","user":"load-%d","item":"p%04d","session":"s-%d"}', uuid7(), math.random(1, 20000), math.random(1, 2000), counter % 1000)
  end
  return wrk.format("POST", "/api/v1/events/batch", { ["Authorization"] = "Bearer " .. os.getenv("KEY"), ["Content-Type"] = "application/json" }, "[" .. table.concat(events, ",") .. "]")
end
