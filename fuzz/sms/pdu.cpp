// The SMPP codec, receipts and text; the first byte says which. A PDU that was read and can be written reads the same again.
#include "fuzz/round_trip.hpp"
#include "sms/smpp/pdu.hpp"
#include "sms/smpp/receipt.hpp"
#include "sms/text.hpp"

namespace {

using namespace tf;
using fuzz::demand;
using namespace tf::sms;

void pdu(ByteView in) {
  const auto first = smpp::decode(in);
  if (!first) return;
  if (const auto* message = std::get_if<smpp::ShortMessage>(&first->body))
    if (smpp::is_receipt(*message)) (void)smpp::read_receipt(*message);
  if (std::holds_alternative<smpp::Unread>(first->body)) return;
  const auto encoded = smpp::encode(*first);
  demand(encoded.has_value());
  demand(*encoded == SecretBytes(in));
}

void receipt(ByteView in) {
  smpp::ShortMessage message;
  message.text = to_bytes(in.first(std::min<std::size_t>(in.size(), 254)));
  const auto read = smpp::read_receipt(message);
  demand(!read || (!read->network_id.empty() && read->network_id.size() <= 64));
}

void text(ByteView in) {
  const auto encoded = encode_text(as_text(in));
  if (!encoded) return;
  Bytes all;
  for (const Bytes& part : encoded->split()) append(all, part);
  demand(all == encoded->whole() && !all.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView in(data + 1, size - 1);
  switch (data[0] % 3) {
    case 0: pdu(in); break;
    case 1: receipt(in); break;
    default: text(in); break;
  }
  return 0;
}
