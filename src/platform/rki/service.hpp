// The platform loop for rki: find the conversation, take its turn, load a snapshot, step, commit, reply. Commit, then
// speak.
#pragma once
#include <functional>
#include <string>

#include "audit/refusals.hpp"
#include "audit/trail.hpp"
#include "metrics/registry.hpp"
#include "platform/rki/conversations.hpp"
#include "platform/rki/store.hpp"
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
  RkiService(store::Database& database, audit::Trail& trail, audit::RefusalSampler& sampler, rki::PlatformPorts ports,
             metrics::Registry& metrics, RkiSettings settings);

  ~RkiService();  // when every refusal under way is written

  // The reply's body, or the exact Error: it went to audit and log; the peer is told its code only.
  using Reply = std::move_only_function<void(Result<std::string>)>;
  // Computes on the caller's thread and never waits: where the reply needs a commit first, it is given on the writer
  // thread. Called from many threads.
  void handle(const std::string& route, const wire::HttpRequest& request, Reply reply);
  [[nodiscard]] std::size_t open_conversations() { return conversations_.size(); }

 private:
  struct Talk {
    rki::PlatformState state;
    rki::Snapshot known;  // as the hello found it; what is written on its ground is written only if it still holds
  };
  using Table = Conversations<Talk>;
  struct Message;
  using Pending = std::unique_ptr<Message>;

  Result<std::string> hello(const std::string& body, std::string& subject);
  void message(Pending message);
  void advance(Pending message);
  void commit(Pending message);
  void conclude(Pending message, Status outcome);
  Result<rki::PlatformStep> next_step(Message& message, const Talk& talk);
  Result<rki::Snapshot> fresh_snapshot(const wire::Dsn& dsn);
  void record_refusal(const std::string& route, const std::string& subject, const Error& error, store::WriteFn also = {});
  store::WriteFn alarm_of(Message& message, const Error& error);

  store::Database& database_;
  audit::Trail& trail_;
  audit::Refusals refusals_;
  rki::PlatformPorts ports_;
  RkiSettings settings_;
  Table conversations_;
  metrics::Counter& downloads_;
  metrics::Counter& keys_delivered_;
  metrics::Counter& refused_;
  metrics::Counter& alarms_;
};

}  // namespace tf::platform
