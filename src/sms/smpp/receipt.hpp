// Delivery receipts: deliver_sm with the receipt's mark in esm_class (SMPP 3.4 §5.2.12, appendix B).
#pragma once
#include "sms/sender.hpp"
#include "sms/smpp/pdu.hpp"

namespace tf::sms::smpp {

// Whether a deliver_sm speaks of a message of ours, and is none from a phone.
bool is_receipt(const ShortMessage& message);
// From the parameters receipted_message_id and message_state where they are there, else from the text
// "id:… sub:… dlvrd:… submit date:… done date:… stat:… err:… text:…". reference stays empty.
// Code::malformed "sms.receipt" when neither names message and state.
Result<Delivery> read_receipt(const ShortMessage& message);

}  // namespace tf::sms::smpp
