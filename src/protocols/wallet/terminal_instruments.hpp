// Cards and accounts, the phone's side: a logged-in phone enrols one, asks for them, takes one away.
#pragma once
#include "protocols/wallet/instruments.hpp"
#include "protocols/wallet/terminal.hpp"

namespace tf::wallet {

struct InstrumentUnderWay {
  Hash256 request{};
  std::string body;  // POST instruments
};
Result<InstrumentUnderWay> begin_instruments(const KnownPlatform& platform, const PhoneSession& session, const UserKey& user, const InstrumentOrder& order,
                                             const Challenge& challenge, Random& random);
// Code::refused "wallet.platform_answer": not sealed for this session and request.
Result<std::vector<InstrumentView>> finish_instruments(const PhoneSession& session, const InstrumentUnderWay& sent, std::string_view body);

}  // namespace tf::wallet
