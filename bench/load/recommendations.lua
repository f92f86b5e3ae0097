-- wrk script: recommended-for-you for shoppers of the demo shop. KEY is an API key.
local thread = 0
function setup(t) thread = thread + 1; t:set("id", thread) end
function init() math.randomseed(os.time() * 100 + id) end
function request()
  return wrk.format("GET", string.format("/api/v1/recommendations/recommended-for-you?user=shopper-%04d&count=12", math.random(1, 5000)), { ["Authorization"] = "Bearer " .. os.getenv("KEY") })
end
