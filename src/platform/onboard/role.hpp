// A role of onboard as the server sees it: routes, work in the background, an end. Roles do not know each other: also in one process they
// speak over TLS.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "platform/onboard/directory.hpp"
#include "wire/http.hpp"

namespace tf::platform {

// Who calls: the peer whose certificate TLS verified and the settings know by its fingerprint; null for everybody else.
struct OnboardCall {
  const wire::HttpRequest& request;
  const OnboardPeer* peer = nullptr;
};
// The body of a 200, or the exact Error. subject: whom it is about, as soon as it is known, for the audit trail.
using OnboardHandler = std::function<Result<std::string>(const OnboardCall& call, std::string& subject)>;
// The same where it can be said without waiting for a commit or another server; nothing: the handler is asked.
using OnboardPromptHandler = std::function<std::optional<Result<std::string>>(const OnboardCall& call, std::string& subject)>;
// For what is no JSON, or answers refusals in a way of its own (HTTP Digest, OMA DM, the web form).
using OnboardRawHandler = std::function<wire::HttpResponse(const OnboardCall& call)>;

struct OnboardRoute {
  std::string path;               // "/onboard/v1/referral"
  std::string method = "POST";
  std::vector<std::string> from{};  // roles of the settings' peers that may call; empty: everybody
  std::vector<std::string> known{};  // of peers that may call beside everybody else, and are told to the handler
  OnboardHandler handler{};
  OnboardRawHandler raw{};        // in its place
  OnboardPromptHandler prompt{};  // before handler, on an I/O thread; alone where it never gives nothing
  bool below = false;             // also paths that go on behind it with '/'
  // On which threads. Whoever is asked from inside other handlers must not share threads with them, or they wait for each other when the
  // roles are one process: what servers ask has threads of its own, unless it asks other servers itself; asked_by_servers: so has this, which
  // others ask too.
  bool asks_servers = false;
  bool asked_by_servers = false;
};

class OnboardRole {
 public:
  virtual ~OnboardRole() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::vector<OnboardRoute> routes() = 0;
  virtual Status start() { return {}; }  // sockets and threads of its own
  virtual void stop() {}
  // Expiry, retries: about once a second on a thread of the server's; it may block.
  virtual void work(std::int64_t /*now_ms*/) {}
};

}  // namespace tf::platform
