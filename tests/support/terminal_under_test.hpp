// The device's side of rki with a store in memory: it installs before it sends the receipt, and a key is in use once
// the acknowledgement came. Retries as a device does: a lost answer is asked for again, everything else begins anew.
#pragma once
#include <map>

#include "tests/support/memory_platform.hpp"

namespace tf::test {

struct HeldKey {
  std::int64_t set = 0;
  std::string version;
  std::string kcv;
  SecretBytes key;
};

// Secrets are not copied but by name.
rki::TerminalState clone(const rki::TerminalState& state);

class TerminalUnderTest {
 public:
  TerminalUnderTest(rki::Identity identity_in, const Clock& clock, Random& random)
      : identity(std::move(identity_in)), clock_(&clock), random_(&random) {}

  // One conversation. The error of a step ends it, and so does one of the exchange but Code::unavailable, after which
  // the message is repeated twice.
  Result<rki::Finished> converse(std::int64_t part, const Exchange& exchange);
  // Conversations until all parts are there, at most so many.
  Status download(const Exchange& exchange, int conversations = 12);

  [[nodiscard]] rki::TerminalPorts ports() { return {*clock_, *random_}; }
  void use_clock(const Clock& clock) { clock_ = &clock; }
  [[nodiscard]] bool complete() const { return parts != 0 && parts_done == parts; }
  // Empty, or where the keys in use are not those of the platform.
  [[nodiscard]] std::string disagreement(const MemoryPlatform& platform) const;

  rki::Identity identity;
  std::map<rki::Slot, HeldKey> in_use;
  std::map<rki::Slot, HeldKey> arrived;  // installed, not acknowledged
  std::int64_t set = 0;
  std::int64_t parts_done = 0;
  std::int64_t parts = 0;
  // A forger's place: sees the state before the step and after it, may change what is sent.
  std::function<void(const rki::TerminalState& before, std::string_view received, rki::TerminalStep& step)> tamper;

 private:
  Result<std::string> exchange_patiently(const Exchange& exchange, const rki::Outgoing& message);
  void install(rki::Installation installation);
  void confirm(const rki::Finished& finished);

  const Clock* clock_;
  Random* random_;
};

}  // namespace tf::test
