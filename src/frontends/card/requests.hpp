// The requests of a payment, as messages; all of them follow from what the books have, so that a repetition has the same
// fields, also after a restart. Errors: Code::invalid "card.payment" names what does not fit a field.
//   field 7, 11   when it was first sent (UTC) and the trace number
//   field 37      the last 12 digits of our transaction number
//   field 62      our transaction number, 20 digits, for the acquirer's settlement file
#pragma once
#include <optional>
#include <string>

#include "frontends/card/message.hpp"
#include "frontends/card/profile.hpp"
#include "payment/front_end.hpp"

namespace tf::frontends::card {

using payment::Instruments;
using payment::Payment;
using payment::Refund;

// 0200. pin: the contents of field 52, format 0 under the ZPK.
Result<Message> purchase(const Payment& payment, const Instruments::Card& card, std::optional<ByteArray<8>> pin, const Profile& profile);
// mti: 0400, 0401 (repeated), 0420 (told: it is to be undone) or 0421. Without the card's fields when the card is gone.
Result<Message> reversal(std::string_view mti, const Payment& payment, const Instruments::Card* card, const Profile& profile);
// 0200 with processing code 20, the original in field 90.
Result<Message> refund(const Refund& refund, const Instruments::Card& card, const Profile& profile);
// 0800. trace: 1 to 999 999.
Message network_management(std::string_view code, std::uint32_t trace, std::int64_t at_ms, const Profile& profile);

// Field 37 of a payment or refund; also its reference for people.
Result<std::string> reference_of(const std::string& transaction);
// Field 90: message type, trace, transmission time, acquiring and forwarding institution of the original.
std::string original_elements(std::string_view mti, std::uint32_t trace, std::int64_t at_ms, const Profile& profile);

}  // namespace tf::frontends::card
