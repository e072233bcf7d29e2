#include <algorithm>

#include "card/usim/application.hpp"

namespace tf::card::usim {
namespace {

// Two digits an octet, the first one low; F fills up.
Bytes swapped(std::string_view text) {
  const auto digit = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned>(text[at] - '0') : 0xFu; };
  Bytes out;
  for (std::size_t at = 0; at < text.size(); at += 2) out.push_back(static_cast<std::uint8_t>(digit(at) | digit(at + 1) << 4));
  return out;
}

}  // namespace

Bytes encode_imsi(std::string_view imsi) {
  const unsigned parity = imsi.size() % 2 != 0 ? 9 : 1;
  const Bytes rest = swapped(imsi.substr(1));
  Bytes out{static_cast<std::uint8_t>(rest.size() + 1), static_cast<std::uint8_t>(parity | static_cast<unsigned>(imsi[0] - '0') << 4)};
  append(out, rest);
  out.resize(9, 0xFF);
  return out;
}

std::string decode_imsi(ByteView file) {
  if (file.size() != 9 || file[0] < 1 || file[0] > 8) return {};
  std::string out(1, static_cast<char>('0' + (file[1] >> 4)));
  for (std::size_t at = 2; at <= file[0]; ++at)
    for (const unsigned digit : {file[at] & 0x0Fu, file[at] >> 4 & 0x0Fu})
      if (digit != 0xF) out.push_back(static_cast<char>('0' + digit));
  const bool sound = out.size() >= 6 && out.size() <= 15 && std::ranges::all_of(out, [](char c) { return c >= '0' && c <= '9'; });
  return sound ? out : std::string();
}

Bytes encode_iccid(std::string_view iccid) {
  Bytes out = swapped(iccid);
  out.resize(10, 0xFF);
  return out;
}

}  // namespace tf::card::usim
