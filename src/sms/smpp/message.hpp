// A message as the submit_sm that carry it.
#pragma once
#include "sms/settings.hpp"
#include "sms/smpp/pdu.hpp"

namespace tf::sms::smpp {

// Code::invalid "sms.settings" for what does not fit into PDUs, or would stand still.
Status check_settings(const SmppSettings& settings);
inline constexpr std::uint8_t kHasHeader = 0x40;  // esm_class, §5.2.12: UDHI
// message has passed check(). concatenation: of the last long message; counted on when this is one.
std::vector<ShortMessage> messages_of(const SmppSettings& settings, const Message& message, std::uint8_t& concatenation);

}  // namespace tf::sms::smpp
