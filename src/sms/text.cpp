#include "sms/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace tf::sms {
namespace {

constexpr std::uint8_t kEscape = 0x1b;
const Error kBadText{Code::invalid, "sms.text", "the text is empty, no UTF-8, or has control characters"};

// TS 23.038 §6.2.1, by code; the escape itself has no character.
constexpr std::u32string_view kGsm =
    U"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    U"abcdefghijklmnopqrstuvwxyzäöñüà";
static_assert(kGsm.size() == 128);

// §6.2.1.1, after an escape.
struct Extended {
  char32_t character;
  std::uint8_t code;
};
constexpr std::array<Extended, 9> kExtension = {
    {{U'^', 0x14}, {U'{', 0x28}, {U'}', 0x29}, {U'\\', 0x2f}, {U'[', 0x3c}, {U'~', 0x3d}, {U']', 0x3e}, {U'|', 0x40}, {U'€', 0x65}}};

// The next character of UTF-8 (RFC 3629 §4: shortest form, no surrogates), taken off the front.
std::optional<char32_t> take(std::string_view& rest) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(rest[i])); };
  const unsigned first = octet(0);
  const std::size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (size == 0 || size > rest.size()) return std::nullopt;
  unsigned value = size == 1 ? first : first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((octet(i) & 0xc0U) != 0x80U) return std::nullopt;
    value = value << 6 | (octet(i) & 0x3fU);
  }
  const bool too_long = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  if (too_long || (value >= 0xd800 && value < 0xe000) || value > 0x10ffff) return std::nullopt;
  rest.remove_prefix(size);
  return static_cast<char32_t>(value);
}

Result<std::u32string> characters_of(std::string_view utf8) {
  std::u32string out;
  while (!utf8.empty()) {
    const auto next = take(utf8);
    const bool control = next && (*next < 0x20 || (*next >= 0x7f && *next < 0xa0)) && *next != U'\n' && *next != U'\r';
    if (!next || control) return kBadText;
    out.push_back(*next);
  }
  if (out.empty()) return kBadText;
  return out;
}

std::optional<Bytes> gsm(char32_t character) {
  if (const auto at = kGsm.find(character); at != std::u32string_view::npos && at != kEscape) return Bytes{static_cast<std::uint8_t>(at)};
  const auto found = std::ranges::find(kExtension, character, &Extended::character);
  if (found == kExtension.end()) return std::nullopt;
  return Bytes{kEscape, found->code};
}

void append_unit(Bytes& out, unsigned unit) {
  out.push_back(static_cast<std::uint8_t>(unit >> 8));
  out.push_back(static_cast<std::uint8_t>(unit & 0xffU));
}

Bytes ucs2(char32_t character) {
  Bytes out;
  if (character < 0x10000) {
    append_unit(out, character);
  } else {
    const unsigned over = character - 0x10000;
    append_unit(out, 0xd800 + (over >> 10));
    append_unit(out, 0xdc00 + (over & 0x3ffU));
  }
  return out;
}

std::size_t single_size(Alphabet alphabet) { return alphabet == Alphabet::gsm ? 160 : 140; }  // octets as SMPP has them
std::size_t part_size(Alphabet alphabet) { return alphabet == Alphabet::gsm ? 153 : 134; }

}  // namespace

Result<EncodedText> encode_text(std::string_view utf8) {
  const std::u32string characters = TF_TRY(characters_of(utf8));
  EncodedText out;
  for (const char32_t each : characters) {
    auto encoded = gsm(each);
    if (!encoded) {
      out.alphabet = Alphabet::ucs2;
      break;
    }
    out.characters.push_back(std::move(*encoded));
  }
  if (out.alphabet == Alphabet::gsm) return out;
  out.characters.clear();
  for (const char32_t each : characters) out.characters.push_back(ucs2(each));
  return out;
}

Bytes EncodedText::whole() const {
  Bytes out;
  for (const Bytes& each : characters) append(out, each);
  return out;
}

std::vector<Bytes> EncodedText::split() const {
  if (Bytes all = whole(); all.size() <= single_size(alphabet)) return {std::move(all)};
  std::vector<Bytes> out(1);
  for (const Bytes& each : characters) {
    if (out.back().size() + each.size() > part_size(alphabet)) out.emplace_back();
    append(out.back(), each);
  }
  return out;
}

std::size_t EncodedText::parts() const { return split().size(); }

Bytes concatenation_header(std::uint8_t reference, std::size_t count, std::size_t number) {
  return {0x05, 0x00, 0x03, reference, static_cast<std::uint8_t>(count), static_cast<std::uint8_t>(number)};
}

}  // namespace tf::sms
