-- Sends the requests of a file in turn. Arguments: the file, where to begin, and the marker and first number
-- of what must be fresh in each request, or nothing.

local requests, parts = {}, {}
local at, fresh, round

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local marker = arguments[3]
  for size in file:lines() do
    local request = file:read(tonumber(size))
    if marker then
      local first, last = request:find(marker, 1, true)
      parts[#parts + 1] = { request:sub(1, first - 1), request:sub(last + 1) }
    else
      requests[#requests + 1] = request
    end
  end
  file:close()
  at = tonumber(arguments[2])
  if marker then
    fresh = tonumber(arguments[4])
    request = writing
  else
    request = reading
  end
end

function reading()
  at = at + 1
  return requests[(at - 1) % #requests + 1]
end

function writing()
  local place = at % #parts
  local number = fresh + (at - place) / #parts
  at = at + 1
  local part = parts[place + 1]
  return part[1] .. string.format("%d", number) .. part[2]
end

request = reading

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "errors": %d, "refused": %d, "p50": %f, "p99": %f}\n',
    summary.requests,
    summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.timeout,
    errors.status,
    latency:percentile(50),
    latency:percentile(99)
  ))
end
