#include "sms/smpp/message.hpp"

#include <algorithm>

#include "sms/smpp/octets.hpp"
#include "sms/text.hpp"

namespace tf::sms::smpp {
namespace {

// §5.2.5, §5.2.6
constexpr std::uint8_t kInternational = 1;
constexpr std::uint8_t kNetworkSpecific = 3;
constexpr std::uint8_t kAlphanumeric = 5;
constexpr std::uint8_t kIsdn = 1;
constexpr std::uint8_t kUcs2 = 8;          // data_coding, §5.2.19; 0 is the network's default alphabet

bool all_digits(const std::string& text) { return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }); }

Address source_of(const SmppSettings& settings) {
  Address out{0, 0, settings.source};
  if (!settings.source.empty()) {
    const bool number = all_digits(settings.source);
    const bool whole = number && settings.source.size() >= 7;
    out.ton = whole ? kInternational : number ? kNetworkSpecific : kAlphanumeric;
    out.npi = whole ? kIsdn : 0;
  }
  out.ton = settings.source_ton.value_or(out.ton);
  out.npi = settings.source_npi.value_or(out.npi);
  return out;
}

std::vector<ShortMessage> octets_of(ShortMessage model, const std::vector<Bytes>& user_data) {
  model.esm_class = kHasHeader;
  model.protocol_id = kForCard;
  model.data_coding = kCardCoding;
  std::vector<ShortMessage> out;
  for (const Bytes& each : user_data) {
    out.push_back(model);
    out.back().text = each;
  }
  return out;
}

}  // namespace

Status check_settings(const SmppSettings& settings) {
  const auto bad = [](const char* what) { return Error{Code::invalid, "sms.settings", what}; };
  const auto plain = [](std::string_view text, std::size_t max) { return text.size() <= max && std::ranges::all_of(as_bytes(text), printable); };
  const std::chrono::milliseconds none(0);
  if (settings.host.empty() || settings.port == 0) return bad("SMPP has a host and a port");
  if (settings.system_id.empty() || !plain(settings.system_id, 15)) return bad("a system_id has 1 to 15 characters");
  if (!plain(as_text(settings.password.reveal()), 8)) return bad("a password has at most 8 characters");
  if (!plain(settings.system_type, 12)) return bad("a system_type has at most 12 characters");
  if (!plain(settings.source, all_digits(settings.source) ? 20 : 11)) return bad("a source is a number of at most 20 digits or a name of at most 11 characters");
  if (settings.window == 0 || settings.max_waiting == 0) return bad("a window and a queue hold one message or more");
  if (settings.answer_timeout <= none || settings.enquire_after <= none || settings.give_up_after <= none || settings.first_pause <= none ||
      settings.longest_pause < settings.first_pause)
    return bad("times are longer than nothing, and the longest pause is no shorter than the first");
  return {};
}

std::vector<ShortMessage> messages_of(const SmppSettings& settings, const Message& message, std::uint8_t& concatenation) {
  ShortMessage model;
  model.source = source_of(settings);
  model.destination = {kInternational, kIsdn, message.to};
  model.registered_delivery = settings.receipts ? 1 : 0;
  if (!message.user_data.empty()) return octets_of(std::move(model), message.user_data);
  const auto text = encode_text(message.text);
  model.data_coding = text->alphabet == Alphabet::ucs2 ? kUcs2 : 0;
  const std::vector<Bytes> parts = text->split();
  if (parts.size() == 1) {
    model.text = parts[0];
    return {std::move(model)};
  }
  if (settings.long_text == LongText::payload) {
    model.tlvs.push_back({tag::message_payload, text->whole()});
    return {std::move(model)};
  }
  model.esm_class = kHasHeader;
  ++concatenation;
  std::vector<ShortMessage> out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    out.push_back(model);
    out.back().text = concatenation_header(concatenation, parts.size(), i + 1);
    append(out.back().text, parts[i]);
  }
  return out;
}

}  // namespace tf::sms::smpp
