#include "frontends/card/message.hpp"

#include <algorithm>

namespace tf::frontends::card {

Message& Message::set(int number, ByteView value) {
  const auto at = std::ranges::lower_bound(fields_, number, {}, &std::pair<int, SecretBytes>::first);
  if (at != fields_.end() && at->first == number) {
    at->second = SecretBytes(value);
  } else {
    fields_.emplace(at, number, SecretBytes(value));
  }
  return *this;
}

void Message::erase(int number) {
  std::erase_if(fields_, [number](const auto& field) { return field.first == number; });
}

bool Message::has(int number) const { return !bytes(number).empty(); }

ByteView Message::bytes(int number) const {
  const auto at = std::ranges::lower_bound(fields_, number, {}, &std::pair<int, SecretBytes>::first);
  return at == fields_.end() || at->first != number ? ByteView() : at->second.reveal();
}

Message Message::clone() const {
  Message out(mti_);
  for (const auto& [number, value] : fields_) out.fields_.emplace_back(number, value.clone());
  return out;
}

Result<SecretBytes> encode_with_mac(Message message, const Coding& coding, const MakeMac& make) {
  message.erase(f::mac);
  message.erase(f::mac_secondary);
  message.set(message.needs_secondary() ? f::mac_secondary : f::mac, ByteArray<8>{});
  SecretBytes out = TF_TRY(encode(message, coding));
  const std::size_t end = out.size() - 8;
  const ByteArray<8> mac = TF_TRY(make(out.reveal().first(end)));
  std::ranges::copy(mac, out.reveal_mutable().subspan(end).begin());
  return out;
}

std::optional<MacParts> mac_of(const Message& message, ByteView bytes) {
  const int place = message.needs_secondary() ? f::mac_secondary : f::mac;
  if (!message.has(place) || (place != f::mac && message.has(f::mac)) || bytes.size() < 8) return std::nullopt;
  return MacParts{bytes.first(bytes.size() - 8), bytes.last(8)};
}

}  // namespace tf::frontends::card
