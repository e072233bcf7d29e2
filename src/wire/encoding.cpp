#include "wire/encoding.hpp"

#include <array>

namespace tf::wire {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kBad = 0xff;
using Reverse = std::array<std::uint8_t, 256>;

constexpr Reverse reverse(std::string_view alphabet) {
  Reverse table{};
  table.fill(kBad);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}

constexpr Reverse hex_table() {
  Reverse table = reverse("0123456789ABCDEF");
  for (char c = 'a'; c <= 'f'; ++c) table[static_cast<unsigned char>(c)] = static_cast<std::uint8_t>(c - 'a' + 10);
  return table;
}

std::string hex(ByteView bytes, std::string_view digits) {
  std::string out(bytes.size() * 2, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out[2 * i] = digits[bytes[i] >> 4];
    out[2 * i + 1] = digits[bytes[i] & 15];
  }
  return out;
}

Status decode_hex(std::string_view text, MutableByteView out) {
  static constexpr Reverse table = hex_table();
  unsigned bad = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const unsigned high = table[static_cast<unsigned char>(text[2 * i])];
    const unsigned low = table[static_cast<unsigned char>(text[2 * i + 1])];
    bad |= (high | low) & 0x80U;
    out[i] = static_cast<std::uint8_t>((high << 4) | (low & 15));
  }
  if (bad != 0) return Error{Code::malformed, "wire.not_hex", "a character is not a hexadecimal digit"};
  return {};
}

std::string encode64(ByteView bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const unsigned v = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2];
    out += {alphabet[v >> 18], alphabet[v >> 12 & 63], alphabet[v >> 6 & 63], alphabet[v & 63]};
  }
  if (bytes.size() - i == 1) {
    const unsigned v = bytes[i] << 16;
    out += {alphabet[v >> 18], alphabet[v >> 12 & 63]};
  } else if (bytes.size() - i == 2) {
    const unsigned v = bytes[i] << 16 | bytes[i + 1] << 8;
    out += {alphabet[v >> 18], alphabet[v >> 12 & 63], alphabet[v >> 6 & 63]};
  }
  return out;
}

Result<Bytes> decode64(std::string_view text, const Reverse& table) {
  const Error bad{Code::malformed, "wire.not_base64", "not base64 in its one canonical spelling"};
  const std::size_t tail = text.size() % 4;
  if (tail == 1) return bad;
  Bytes out;
  out.reserve(text.size() / 4 * 3 + 2);
  unsigned value = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::uint8_t six = table[static_cast<unsigned char>(c)];
    if (six == kBad) return bad;
    value = value << 6 | six;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<std::uint8_t>(value >> bits));
    }
  }
  if ((value & ((1U << bits) - 1)) != 0) return bad;  // bits nobody needs must be zero
  return out;
}

}  // namespace

std::string hex_upper(ByteView bytes) { return hex(bytes, "0123456789ABCDEF"); }
std::string hex_lower(ByteView bytes) { return hex(bytes, "0123456789abcdef"); }

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return Error{Code::malformed, "wire.not_hex", "an odd number of digits"};
  Bytes out(text.size() / 2);
  TF_CHECK(decode_hex(text, out));
  return out;
}

Result<SecretBytes> secret_from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return Error{Code::malformed, "wire.not_hex", "an odd number of digits"};
  SecretBytes out(text.size() / 2);
  TF_CHECK(decode_hex(text, out.reveal_mutable()));
  return out;
}

std::string base64(ByteView bytes) {
  std::string out = encode64(bytes, kStandard);
  while (out.size() % 4 != 0) out.push_back('=');
  return out;
}

Result<Bytes> from_base64(std::string_view text) {
  static constexpr Reverse table = reverse(kStandard);
  if (text.size() % 4 != 0) return Error{Code::malformed, "wire.not_base64", "length is not a multiple of four"};
  for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  return decode64(text, table);
}

std::string base64url(ByteView bytes) { return encode64(bytes, kUrl); }

Result<Bytes> from_base64url(std::string_view text) {
  static constexpr Reverse table = reverse(kUrl);
  return decode64(text, table);
}

}  // namespace tf::wire
