-- wrk script: one new event a request. KEY is an API key.
local counter = 0
local thread = 0
function setup(t) thread = thread + 1; t:set("id", thread) end
function init() math.randomseed(os.time() * 100 + id) ; run = math.random(1, 1e9) end
function request()
  counter = counter + 1
  return wrk.format("POST", "/api/v1/events", { ["Authorization"] = "Bearer " .. os.getenv("KEY"), ["Content-Type"] = "application/json" },
    string.format('{"id":"%d-%d-%d","type":"view","user":"load-%d","item":"p%04d"}', run, id, counter, math.random(1, 20000), math.random(1, 2000)))
end
