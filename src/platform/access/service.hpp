// The platform loop for access: the gateway's number, the snapshot, the step, its writes, the answer. Commit, then speak.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "audit/refusals.hpp"
#include "platform/access/store.hpp"
#include "platform/context.hpp"
#include "wire/http.hpp"

namespace tf::platform {

struct AccessSettings {
  std::map<std::string, access::ServicePolicy> services;
  std::vector<std::string> number_headers;  // lower case
  std::string issuer;                       // of tickets
};

class AccessService {
 public:
  // The vault has the keys of access_keys.hpp.
  static Result<std::unique_ptr<AccessService>> make(Context& context, audit::RefusalSampler& sampler, AccessSettings settings);
  ~AccessService();

  // The reply's body, or the exact Error: it went to audit and log; the peer is told refusal_body() of it. As with rki:
  // computes on the caller's thread, answers on the writer's where a commit comes first.
  using Reply = std::move_only_function<void(Result<std::string>)>;
  void handle(const std::string& route, const wire::HttpRequest& request, Reply reply);
  // The data channel: the PSK of a key id (what TLS asks for), and what the platform knows of who holds it.
  [[nodiscard]] std::optional<Secret<32>> channel_psk(const std::string& key_id) const;
  [[nodiscard]] Result<std::string> whoami(const std::string& key_id) const;
  [[nodiscard]] const AccessSettings& settings() const { return settings_; }
  // GET /access/v1/keys and /access/v1/jwks; nothing for other paths.
  [[nodiscard]] std::optional<Result<std::string>> published(const wire::HttpRequest& request) const;

 private:
  AccessService(Context& context, audit::RefusalSampler& sampler, AccessSettings settings, std::string ticket_key);
  struct Message;
  using Pending = std::unique_ptr<Message>;

  Result<access::PlatformStep> step(Message& message);
  Result<access::PlatformStep> initialise(Message& message);
  Result<access::PlatformStep> authenticate(Message& message);
  Result<std::string> number_of(store::Session& session, const wire::HttpRequest& request) const;
  Result<access::ServicePolicy> policy_of(const std::string& service) const;
  void commit(Pending message, access::PlatformStep step);
  void refuse(Message& message, const Error& error);
  void forget_now_and_then(std::int64_t now_ms);

  Context& context_;
  audit::Refusals refusals_;
  const AccessSettings settings_;
  access::Challenges challenges_;
  access::PlatformPorts ports_;
  std::atomic<std::int64_t> forgotten_ms_{0};
  metrics::Counter& initialised_;
  metrics::Counter& authenticated_;
  metrics::Counter& refused_;
  metrics::Counter& alarms_;
};

}  // namespace tf::platform
