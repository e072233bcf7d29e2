// The sender that [wallet.sms] asks for.
#pragma once
#include <memory>
#include <string>

#include "base/ports.hpp"
#include "platform/config/wallet.hpp"
#include "sms/sender.hpp"

namespace tf::platform {

// on_incoming: where the way brings anything back (SMPP). directory: what files in the configuration are named from. Errors of sms::make_sender(), and Code::invalid "config.value".
Result<std::unique_ptr<sms::Sender>> make_sms_sender(const SmsConfig& config, const std::string& directory, const Clock& clock, Random& random, sms::OnIncoming on_incoming);

}  // namespace tf::platform
