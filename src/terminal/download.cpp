#include "terminal/download.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace tf::terminal {
namespace {

// What to do about an answer that is not 200.
enum class Remedy { repeat_message, begin_again, give_up };

Remedy remedy_for(int status) {
  if (status == 409) return Remedy::begin_again;  // the platform forgot the conversation or a newer one replaced it
  if (status == 408 || status == 429 || status >= 500) return Remedy::repeat_message;
  return Remedy::give_up;
}

class Download {
 public:
  Download(Device& device, Transport& transport, rki::TerminalPorts ports, const SaveDevice& save, const Patience& patience)
      : device_(device), transport_(transport), ports_(ports), save_(save), patience_(patience), left_(patience.attempts) {}

  Result<DownloadReport> run() {
    std::int64_t part = first_missing_part();
    while (true) {
      const auto finished = TF_TRY(converse(part));
      if (finished && finished->part == finished->of) return report(finished->set);
      part = finished ? finished->part + 1 : first_missing_part();
    }
  }

 private:
  [[nodiscard]] std::int64_t first_missing_part() const {
    return device_.complete() || device_.parts == 0 ? 1 : device_.parts_done + 1;
  }

  // One conversation; nothing when it has to be begun again.
  Result<std::optional<rki::Finished>> converse(std::int64_t part) {
    ++report_.conversations;
    const std::int64_t set_before = device_.set;
    auto at = TF_TRY(rki::begin(device_.identity, part, ports_));
    while (true) {
      const auto body = TF_TRY(exchange(*at.send));
      if (!body) return std::optional<rki::Finished>();
      at = TF_TRY(rki::step(std::move(at.next), *body, device_.identity, ports_));
      if (at.install) {
        report_.suite = at.install->suite;
        const bool other_set = part > 1 && at.install->set != set_before;
        device_.install(std::move(*at.install));
        TF_CHECK(save_(device_));
        // The platform made a new set while we were between parts: its first part comes first.
        if (other_set) return std::optional<rki::Finished>();
      }
      if (const auto* finished = std::get_if<rki::Finished>(&at.next)) {
        device_.confirm(*finished);
        TF_CHECK(save_(device_));
        left_ = patience_.attempts;
        return std::optional(*finished);
      }
    }
  }

  // The body of a 200 answer; nothing when the conversation has to be begun again.
  Result<std::optional<std::string>> exchange(const rki::Outgoing& message) {
    while (true) {
      auto reply = transport_.post(message.route, message.body);
      if (reply && reply->status == 200) return std::optional(std::move(reply->body));
      if (!reply && reply.error().code != Code::unavailable) return reply.error();
      const Remedy remedy = reply ? remedy_for(reply->status) : Remedy::repeat_message;
      if (remedy == Remedy::give_up)
        return Error{Code::refused, "terminal.refused", "the platform refused message \"" + std::string(message.route) +
                                                            "\" with status " + std::to_string(reply->status)};
      TF_CHECK(wait(reply ? reply->retry_after_ms : std::nullopt, reply ? Error{Code::unavailable, "terminal.status",
                    "the platform answered with status " + std::to_string(reply->status)} : reply.error()));
      if (remedy == Remedy::begin_again) return std::optional<std::string>();
    }
  }

  Status wait(std::optional<std::int64_t> asked_ms, const Error& last) {
    if (--left_ <= 0) return Error{Code::unavailable, "terminal.gave_up", "no success after all attempts; last: " + describe(last)};
    ++report_.retries;
    const int made = patience_.attempts - left_ - 1;
    std::int64_t pause = std::min(patience_.longest_wait_ms, patience_.first_wait_ms << std::min(made, 16));
    const std::uint8_t jitter = ports_.random.array<1>()[0];
    pause = pause / 2 + pause * jitter / 512;
    pause = std::max(pause, asked_ms.value_or(0));
    if (patience_.sleep_ms) {
      patience_.sleep_ms(pause);
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(pause));
    }
    return {};
  }

  DownloadReport report(std::int64_t set) {
    report_.set = set;
    report_.keys = std::ranges::count_if(device_.keys, [&](const StoredKey& key) { return key.set == set && key.confirmed; });
    return report_;
  }

  Device& device_;
  Transport& transport_;
  rki::TerminalPorts ports_;
  const SaveDevice& save_;
  const Patience& patience_;
  int left_;
  DownloadReport report_;
};

}  // namespace

Result<DownloadReport> download(Device& device, Transport& transport, rki::TerminalPorts ports, const SaveDevice& save,
                                const Patience& patience) {
  return Download(device, transport, ports, save, patience).run();
}

}  // namespace tf::terminal
