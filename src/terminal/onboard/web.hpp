// A device's calls to servers: HTTPS under its one root, connections kept, and nobody called whom the access token does not name.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/client/client.hpp"
#include "pki/certificate.hpp"
#include "protocols/onboard/routes.hpp"

namespace tf::terminal {

struct OnboardCall {
  std::string url;    // https://host:port
  std::string route;  // "hello"
  std::string body{};
  std::string content_type = "application/json";  // not said without a body
  std::vector<std::pair<std::string, std::string>> headers{};
};

class OnboardWeb {
 public:
  // patience: for an answer's last byte. Code::invalid "net.certificate".
  static Result<OnboardWeb> create(const pki::Certificate& root, std::chrono::milliseconds patience);

  // Only these from now on (host:port); nothing: everybody.
  void allow(std::optional<std::vector<std::string>> hosts) { allowed_ = std::move(hosts); }
  [[nodiscard]] bool allows(const std::string& url) const;

  // Any answer that is one: 200, 401 and whatever else is not an Error here. Every call may be sent twice. Errors:
  //   unavailable "net.…", "terminal.server_busy" (429, 5xx; wait_ms() knows what its Retry-After said)
  //   refused     "terminal.host_not_allowed", "net.tls", "terminal.onboard_<reason of the page>" (403)
  //   malformed   "terminal.unexpected_answer"
  Result<wire::HttpResponse> call(const OnboardCall& call);
  // The body of a 200; a 401 is unexpected.
  Result<std::string> post(const OnboardCall& call);

  // The longest time a busy server asked for since this was called last, in milliseconds.
  std::int64_t take_wait_ms();
  void close() { clients_.clear(); }

 private:
  OnboardWeb(net::Certificate root, std::chrono::milliseconds patience) : root_(std::move(root)), patience_(patience) {}
  Result<net::HttpClient*> client(const std::string& url);

  net::Certificate root_;
  std::chrono::milliseconds patience_;
  std::optional<std::vector<std::string>> allowed_;
  std::map<std::string, net::HttpClient> clients_;  // by host:port
  std::int64_t wait_ms_ = 0;
};

// What the answer 403 means to the person at the device (docs/protocols/onboard.md, Refusals).
Error onboard_refusal(std::string_view body, const std::string& url);
bool is_silence(const Error& error);  // nobody answered in time, or was busy: the next server, or the same later

// A bounded time with growing pauses in it.
class OnboardPatience {
 public:
  using Wait = std::function<void(std::chrono::milliseconds)>;
  OnboardPatience(const Clock& clock, std::chrono::milliseconds total, Wait wait);
  // Waits, longer each time, at least_ms at least; false when that would go beyond the time, at once.
  bool pause(std::int64_t at_least_ms);
  void eased() { next_ms_ = kFirstMs; }  // something went forward
  [[nodiscard]] std::int64_t left_ms() const;

 private:
  static constexpr std::int64_t kFirstMs = 500, kMostMs = 30'000;
  const Clock& clock_;
  std::int64_t end_ms_;
  Wait wait_;
  std::int64_t next_ms_ = kFirstMs;
};

}  // namespace tf::terminal
