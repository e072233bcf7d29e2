// A whole download: conversations until every part of the set is installed and acknowledged (S322), with patience for a
// network that drops, a platform that is busy, and interruptions of either side.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "terminal/device.hpp"

namespace tf::terminal {

struct Reply {
  int status = 0;
  std::string body;
  std::optional<std::int64_t> retry_after_ms;
};

// How messages reach the platform. An Error means that no answer came (Code::unavailable) or that the platform could not
// be trusted (Code::refused: TLS).
class Transport {
 public:
  virtual ~Transport() = default;
  virtual Result<Reply> post(std::string_view route, const std::string& body) = 0;
};

struct Patience {
  int attempts = 8;                   // over the whole download; progress starts the count again
  std::int64_t first_wait_ms = 200;   // doubled each time, with jitter …
  std::int64_t longest_wait_ms = 10'000;
  std::function<void(std::int64_t)> sleep_ms;  // default: really sleeps
};

struct DownloadReport {
  std::int64_t set = 0;
  std::int64_t keys = 0;
  rki::Suite suite = rki::Suite::modern;
  int conversations = 0;
  int retries = 0;
};

// save is called when keys are installed (before the receipt leaves) and when they are confirmed. Code::refused: one side
// did not prove itself (S315, S320) and trying again would not help; Code::unavailable: patience ran out.
using SaveDevice = std::function<Status(const Device&)>;
Result<DownloadReport> download(Device& device, Transport& transport, rki::TerminalPorts ports, const SaveDevice& save,
                                const Patience& patience = {});

}  // namespace tf::terminal
