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
  const std::size_t tail = bytes.size() % 3;
  std::string out(bytes.size() / 3 * 4 + (tail == 0 ? 0 : tail + 1), '\0');
  char* to = out.data();
  const std::uint8_t* at = bytes.data();
  for (const std::uint8_t* const end = at + (bytes.size() - tail); at != end; at += 3, to += 4) {
    const unsigned v = static_cast<unsigned>(at[0]) << 16 | static_cast<unsigned>(at[1]) << 8 | at[2];
    to[0] = alphabet[v >> 18];
    to[1] = alphabet[v >> 12 & 63];
    to[2] = alphabet[v >> 6 & 63];
    to[3] = alphabet[v & 63];
  }
  if (tail == 0) return out;
  const unsigned v = static_cast<unsigned>(at[0]) << 16 | (tail == 2 ? static_cast<unsigned>(at[1]) << 8 : 0U);
  to[0] = alphabet[v >> 18];
  to[1] = alphabet[v >> 12 & 63];
  if (tail == 2) to[2] = alphabet[v >> 6 & 63];
  return out;
}

Error not_base64() { return {Code::malformed, "wire.not_base64", "not base64 in its one canonical spelling"}; }

Result<Bytes> decode64(std::string_view text, const Reverse& table) {
  const std::size_t tail = text.size() % 4;
  if (tail == 1) return not_base64();
  Bytes out(text.size() / 4 * 3 + (tail == 0 ? 0 : tail - 1));
  std::uint8_t* to = out.data();
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  unsigned wrong = 0;  // kBad alone has the high bit
  for (const auto* const end = at + (text.size() - tail); at != end; at += 4, to += 3) {
    const unsigned a = table[at[0]], b = table[at[1]], c = table[at[2]], d = table[at[3]];
    wrong |= a | b | c | d;
    to[0] = static_cast<std::uint8_t>(a << 2 | b >> 4);
    to[1] = static_cast<std::uint8_t>(b << 4 | c >> 2);
    to[2] = static_cast<std::uint8_t>(c << 6 | d);
  }
  if (tail != 0) {
    const unsigned a = table[at[0]], b = table[at[1]], c = tail == 3 ? table[at[2]] : 0U;
    wrong |= a | b | c;
    to[0] = static_cast<std::uint8_t>(a << 2 | b >> 4);
    if (tail == 3) to[1] = static_cast<std::uint8_t>(b << 4 | c >> 2);
    if ((tail == 3 ? c & 3U : b & 15U) != 0) return not_base64();  // bits nobody needs must be zero
  }
  if ((wrong & 0x80U) != 0) return not_base64();
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
