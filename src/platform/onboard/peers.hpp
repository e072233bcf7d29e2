// Calls to other servers: mutual TLS with our certificate, the other one known by its fingerprint where the settings have one, connections
// kept and shared out to threads, the next server tried when one is silent. Used on threads that may wait.
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "net/client/client.hpp"
#include "net/client/silence.hpp"
#include "platform/onboard/directory.hpp"

namespace tf::platform {

// One server.
class OnboardLine {
 public:
  OnboardLine(OnboardPeer peer, net::ClientOptions options, const Clock& clock) : peer_(std::move(peer)), options_(std::move(options)), silence_(clock) {}
  [[nodiscard]] const OnboardPeer& peer() const { return peer_; }
  [[nodiscard]] bool silent_lately() const { return silence_.lately(); }

  // The body of a 200; no other copy of it is left. Code::unavailable "onboard.silent" when it cannot be reached, is not who the settings know, or answers 5xx;
  // Code::refused "onboard.used_by_other", "onboard.withdrawn": its word about a device; "onboard.peer_refused" with what else it said.
  Result<SecretBytes> post(std::string_view route, std::string body);

 private:
  Result<wire::HttpResponse> call(const net::ClientRequest& request);
  const OnboardPeer peer_;
  const net::ClientOptions options_;
  net::Silence silence_;
  std::mutex mutex_;
  std::condition_variable back_;
  std::size_t out_ = 0;  // calls under way
  std::vector<std::unique_ptr<net::HttpClient>> idle_;
};

// Those of a role, in the order of the settings.
class OnboardLines {
 public:
  // Code::invalid "net.base_url"; peers without url are passed over.
  static Result<OnboardLines> open(OnboardOpened& opened, std::string_view role);

  [[nodiscard]] bool empty() const { return lines_.empty(); }
  [[nodiscard]] const std::vector<std::unique_ptr<OnboardLine>>& all() const { return lines_; }
  [[nodiscard]] std::vector<OnboardLine*> to_try() const;              // those that were silent lately behind the others
  [[nodiscard]] OnboardLine* of(std::string_view name) const;          // by its name; null
  // The answer of the first that is not silent.
  Result<SecretBytes> post(std::string_view route, const std::string& body);

 private:
  std::vector<std::unique_ptr<OnboardLine>> lines_;
};

// How this process calls a peer: under the root, by the name in its URL, and as one of its fingerprints.
Result<net::ClientOptions> onboard_client(OnboardOpened& opened, const OnboardPeer& peer);
Result<std::vector<Hash256>> pins_of(const OnboardPeer& peer);

}  // namespace tf::platform
