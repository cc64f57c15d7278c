-- Sends the signed webhooks of the file SIGNED one after the other and begins again at its end. Prints one line of JSON
-- at the end. With EXACTLY it says so after that many answers and sends no more; wrk itself would wait for its time to
-- pass, so that whoever started it ends it.
local file = assert(os.getenv("SIGNED"), "SIGNED names the file of requests")
local exactly = tonumber(os.getenv("EXACTLY") or "")
local requests, sent, answered, bad = {}, 0, 0, 0

function init()
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
  wrk.headers["Host"] = "mccc.example.test"
  wrk.headers["User-Agent"] = "TwilioProxy/1.1"
  wrk.headers["X-Forwarded-Proto"] = "https"
  for line in io.lines(file) do
    local tab = line:find("\t", 1, true)
    wrk.headers["X-Twilio-Signature"] = line:sub(1, tab - 1)
    requests[#requests + 1] = wrk.format("POST", wrk.path, nil, line:sub(tab + 1))
  end
end

function request()
  sent = sent + 1
  return requests[(sent - 1) % #requests + 1]
end

if exactly then
  function response(status)
    answered = answered + 1
    if status ~= 200 then bad = bad + 1 end
    if answered == exactly then
      io.write(string.format('{"answers":%d,"bad":%d}\n', answered, bad))
      io.flush()
      wrk.thread:stop()
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"answers":%d,"seconds":%.6f,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f,"bad":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
