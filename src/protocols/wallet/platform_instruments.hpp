// Cards and accounts, the platform's side: part of platform.hpp's table.
#pragma once
#include "protocols/wallet/instruments.hpp"
#include "protocols/wallet/platform.hpp"

namespace tf::wallet {

struct InstrumentSnapshot {
  const Policy& policy;
  const Session* session = nullptr;  // with the id of the request; null: none
  bool active = false;               // the session's registration still is
};
struct InstrumentStep {
  InstrumentOrder order;
  OneUse once;
  Hash256 request{};
};
// What the user wants, proved. The reasons of refusal are those of pay().
Result<InstrumentStep> instruments(const InstrumentRequest& request, const InstrumentSnapshot& snapshot, const PlatformPorts& ports);
// The body of the answer.
Result<std::string> instruments_answer(const InstrumentStep& step, const Session& session, const std::vector<InstrumentView>& instruments, const PlatformPorts& ports);

}  // namespace tf::wallet
