-- wrk script: batches of 100 events, every event new. KEY is an API key.
local counter = 0
local thread = 0
function setup(t) thread = thread + 1; t:set("id", thread) end
function init() math.randomseed(os.time() * 100 + id) ; run = math.random(1, 1e9) end
function request()
  local events = {}
  for i = 1, 100 do
    counter = counter + 1
    events[i] = string.format('{"id":"%d-%d-%d","type":"view","user":"load-%d","item":"p%04d","session":"s-%d"}', run, id, counter, math.random(1, 20000), math.random(1, 2000), counter % 1000)
  end
  return wrk.format("POST", "/api/v1/events/batch", { ["Authorization"] = "Bearer " .. os.getenv("KEY"), ["Content-Type"] = "application/json" }, "[" .. table.concat(events, ",") .. "]")
end
function response(status) if status ~= 200 then failed = (failed or 0) + 1 end end
