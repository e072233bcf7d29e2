// The platform loop for rki: find the conversation, load a snapshot, step, commit, reply. Commit, then speak.
#pragma once
#include <functional>
#include <string>

#include "audit/sampler.hpp"
#include "audit/trail.hpp"
#include "metrics/registry.hpp"
#include "platform/conversations.hpp"
#include "platform/rki_store.hpp"
#include "wire/http.hpp"

namespace tf::platform {

struct RkiSettings {
  std::int64_t conversation_life_ms = 60'000;
  std::size_t conversations = 100'000;
  std::int64_t grace_ms = 24 * 3600 * 1000;  // a superseded key is accepted this much longer
  std::function<rki::KeySetPlan(const std::string& group)> plan_for_group;
};

class RkiService {
 public:
  RkiService(store::Database& database, audit::Trail& trail, audit::RefusalSampler& refusals, rki::PlatformPorts ports,
             metrics::Registry& metrics, RkiSettings settings);

  ~RkiService();  // when every refusal under way is written

  // The reply's body. The Error is exact: it goes to audit and log; the peer is told its code only.
  Result<std::string> handle(const std::string& route, const wire::HttpRequest& request);
  [[nodiscard]] std::size_t open_conversations() { return conversations_.size(); }

 private:
  using Table = Conversations<rki::PlatformState>;

  Result<std::string> hello(const wire::HttpRequest& request, std::string& subject);
  Result<std::string> message(const std::string& route, const wire::HttpRequest& request, std::string& subject);
  Result<rki::PlatformStep> step_and_commit(Table::Conversation& conversation, const std::string& route, const std::string& body);
  Result<rki::Snapshot> snapshot_for(const rki::PlatformState& state);
  Status commit(const wire::Dsn& dsn, const rki::PlatformStep& step);
  void record_refusal(const std::string& route, const std::string& subject, const Error& error);

  store::Database& database_;
  audit::Trail& trail_;
  audit::RefusalSampler& refusals_;
  rki::PlatformPorts ports_;
  RkiSettings settings_;
  Table conversations_;
  metrics::Counter& downloads_;
  metrics::Counter& keys_delivered_;
  metrics::Counter& refused_;
};

}  // namespace tf::platform
