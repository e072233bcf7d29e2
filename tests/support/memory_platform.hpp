// The platform's side of rki over an in-memory store that keeps the promises of the database: (dsn, set, slot) is
// unique, a step's writes happen wholly or not at all. Conversations follow the rules of the service: a message
// repeated word for word gets the same reply, a failed proof ends the conversation, a newer proved one supersedes.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/support/estate.hpp"

namespace tf::test {

// POST /rki/v1/<route>: the body of a 200 answer, or why there is none.
using Exchange = std::function<Result<std::string>(std::string_view route, const std::string& body)>;

struct MemoryTerminal {
  rki::TerminalRecord record;
  std::vector<rki::KeyRecord> keys;  // all sets
  std::int64_t completed_set = 0;
};

class MemoryPlatform {
 public:
  struct Conversation {
    rki::PlatformState state = rki::Ended{};
    wire::Dsn dsn;
    std::string last_request;
    std::string last_reply;
    bool superseded = false;
  };

  MemoryPlatform(Estate& estate, Random& random) : estate_(estate), random_(random) {}

  void admit(const wire::Dsn& dsn, std::string_view policy = "modern+classic");
  Result<std::string> handle(std::string_view route, const std::string& body);
  Exchange exchange() {
    return [this](std::string_view route, const std::string& body) { return handle(route, body); };
  }
  // A renewed set, as an operator orders it.
  void renew(const wire::Dsn& dsn, rki::Suite suite);

  [[nodiscard]] rki::Snapshot snapshot_for_hello(const rki::Hello& hello) const;
  [[nodiscard]] rki::Snapshot snapshot_for(const rki::PlatformState& state) const;
  Status perform(const wire::Dsn& dsn, const rki::Writes& writes);
  [[nodiscard]] rki::PlatformPorts ports() {
    return {own_clock != nullptr ? *own_clock : estate_.clock, random_, *estate_.vault, credentials()};
  }
  [[nodiscard]] const TestCredentials& credentials() const {
    return own_credentials ? *own_credentials : estate_.credentials;
  }

  // Empty, or which promise is broken.
  [[nodiscard]] std::string broken_promise() const;
  // The key in use for a slot, opened; empty when there is none.
  [[nodiscard]] SecretBytes active_key(const wire::Dsn& dsn, rki::Slot slot) const;
  [[nodiscard]] std::int64_t sets_of(const wire::Dsn& dsn) const;

  std::map<std::string, MemoryTerminal> terminals;
  std::map<rki::SessionId, Conversation> conversations;
  rki::KeySetPlan plan;
  std::optional<TestCredentials> own_credentials;  // instead of the estate's
  const Clock* own_clock = nullptr;                // instead of the estate's
  std::vector<std::string> actions;                // what was audited, in order
  bool without_dik1 = false;                       // as if the batch had never been made
  std::string last_refusal;                        // the reason in the audit trail
  // A forger's place: sees the state before the step and after it, may change the reply.
  std::function<void(const rki::PlatformState& before, std::string_view request, rki::PlatformStep& step)> tamper;

 private:
  Result<std::string> hello(const std::string& body);
  Result<std::string> message(std::string_view route, const std::string& body);
  Result<rki::PlatformStep> step_and_commit(Conversation& conversation, std::string_view route,
                                            const std::string& body);
  Result<std::string> noted(Result<std::string> reply);

  Estate& estate_;
  Random& random_;
};

const wire::Dsn* dsn_of(const rki::PlatformState& state);

}  // namespace tf::test
