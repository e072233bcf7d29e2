// Headers of key blocks (X9.143 §6): every field is checked, nothing is skipped.
#include "crypto/banking/key_block_header.hpp"

#include <algorithm>
#include <optional>

namespace tf::crypto {
namespace {

const Error kBadHeader{Code::malformed, "crypto.key_block_header", "a header field has a value that does not exist"};
const Error kBadVersion{Code::malformed, "crypto.key_block_version", "not a key block of version A, B, C or D"};
const Error kBadLength{Code::malformed, "crypto.key_block_length", "the length field and the text do not agree"};
const Error kBadOption{Code::malformed, "crypto.key_block_option", "an optional block is not well formed"};

bool digit(char c) { return c >= '0' && c <= '9'; }
bool alphanumeric(char c) { return digit(c) || (c >= 'A' && c <= 'Z'); }
bool printable(char c) { return c >= 0x20 && c <= 0x7e; }
bool one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

std::optional<std::size_t> decimal(std::string_view text) {
  std::size_t value = 0;
  for (const char c : text) {
    if (!digit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::size_t>(c - '0');
  }
  return value;
}

std::optional<std::size_t> hexadecimal(std::string_view text) {
  std::size_t value = 0;
  for (const char c : text) {
    unsigned nibble = 0;
    if (digit(c)) nibble = static_cast<unsigned>(c - '0');
    else if (c >= 'A' && c <= 'F') nibble = static_cast<unsigned>(c - 'A' + 10);
    else if (c >= 'a' && c <= 'f') nibble = static_cast<unsigned>(c - 'a' + 10);
    else return std::nullopt;
    value = value << 4 | nibble;
  }
  return value;
}

std::string number(std::size_t value, unsigned base, std::size_t width) {
  std::string out(width, '0');
  for (std::size_t i = width; i > 0; --i, value /= base) out[i - 1] = "0123456789ABCDEF"[value % base];
  return out;
}

// X9.143 §6.3.1; two digits are proprietary.
bool usage_exists(std::string_view usage) {
  if (usage.size() != 2 || !digit(usage[1])) return false;
  switch (usage[0]) {
    case 'B': case 'D': return usage[1] <= '3';
    case 'C': case 'I': return usage[1] == '0';
    case 'E': return usage[1] <= '7';
    case 'K': return usage[1] <= '4';
    case 'M': return usage[1] <= '8';
    case 'P': return usage[1] <= '1';
    case 'S': return usage[1] <= '2';
    case 'V': return usage[1] <= '5';
    default: return digit(usage[0]);
  }
}

bool key_version_exists(std::string_view version) {
  return version.size() == 2 && (version[0] == 'c' || alphanumeric(version[0])) && alphanumeric(version[1]);
}

bool fields_exist(const KeyBlockHeader& header) {
  return usage_exists(header.usage) && one_of(header.algorithm, "ADEHRT") && one_of(header.mode, "BCDEGNSVX") &&
         key_version_exists(header.key_version) && one_of(header.exportability, "ENS") && one_of(header.context, "012");
}

bool option_exists(const KeyBlockOption& option) {
  return option.id.size() == 2 && std::ranges::all_of(option.id, alphanumeric) && std::ranges::all_of(option.data, printable);
}

Result<KeyBlockHeader> fixed_fields(std::string_view text) {
  if (!one_of(text[0], "ABCD")) return kBadVersion;
  KeyBlockHeader header{.version = text[0],
                        .usage = std::string(text.substr(5, 2)),
                        .algorithm = text[7],
                        .mode = text[8],
                        .key_version = std::string(text.substr(9, 2)),
                        .exportability = text[11],
                        .context = text[14],
                        .options = {}};
  if (!fields_exist(header) || text[15] != '0') return kBadHeader;
  return header;
}

// Takes one optional block off the front of rest. An extended length says how long it is itself: "04" digits (X9.143 §6.2),
// or "02" where an implementation counted bytes. Both are read; four digits follow either.
Result<KeyBlockOption> take_option(std::string_view& rest) {
  if (rest.size() < 4) return kBadOption;
  auto size = hexadecimal(rest.substr(2, 2));
  std::size_t start = 4;
  if (size == 0U) {
    if (rest.size() < 10 || (rest.substr(4, 2) != "02" && rest.substr(4, 2) != "04")) return kBadOption;
    size = hexadecimal(rest.substr(6, 4));
    start = 10;
  }
  if (!size || *size < start || *size > rest.size()) return kBadOption;
  KeyBlockOption option{std::string(rest.substr(0, 2)), std::string(rest.substr(start, *size - start))};
  if (!option_exists(option)) return kBadOption;
  rest.remove_prefix(*size);
  return option;
}

bool has_option(const KeyBlockHeader& header, std::string_view id) {
  return std::ranges::any_of(header.options, [id](const KeyBlockOption& option) { return option.id == id; });
}

std::string option_text(const KeyBlockOption& option) {
  const std::size_t size = option.data.size() + 4;
  if (size <= 0xff) return option.id + number(size, 16, 2) + option.data;
  return option.id + "0004" + number(size + 6, 16, 4) + option.data;
}

}  // namespace

Result<KeyBlockHeader> KeyBlockHeader::parse16(std::string_view text) {
  if (text.size() != kKeyBlockHeaderSize)
    return Error{Code::malformed, "crypto.key_block_header", "a header has 16 characters"};
  if (text.substr(12, 2) != "00")
    return Error{Code::malformed, "crypto.key_block_header", "a bare header has 00 optional blocks"};
  return fixed_fields(text);
}

Result<ParsedKeyBlock> parse_key_block(std::string_view block) {
  if (block.size() < kKeyBlockHeaderSize || block.size() > kKeyBlockMax) return kBadLength;
  ParsedKeyBlock parsed{TF_TRY(fixed_fields(block)), 0};
  if (decimal(block.substr(1, 4)) != block.size()) return kBadLength;
  const auto count = decimal(block.substr(12, 2));
  if (!count) return kBadHeader;
  std::string_view rest = block.substr(kKeyBlockHeaderSize);
  for (std::size_t i = 0; i < *count; ++i) {
    KeyBlockOption option = TF_TRY(take_option(rest));
    if (option.id == "PB") {
      if (i + 1 != *count) return kBadOption;  // padding is the last
    } else if (has_option(parsed.header, option.id)) {
      return kBadOption;  // whose word would count?
    } else {
      parsed.header.options.push_back(std::move(option));
    }
  }
  parsed.header_size = block.size() - rest.size();
  if (parsed.header_size % key_block_multiple(parsed.header.version) != 0) return kBadOption;
  return parsed;
}

Result<std::string> write_key_block_header(const KeyBlockHeader& header, std::size_t tail) {
  const std::size_t multiple = key_block_multiple(header.version);
  if (!fields_exist(header)) return Error{Code::invalid, kBadHeader.reason, kBadHeader.detail};
  std::string options;
  std::size_t count = header.options.size();
  for (const KeyBlockOption& option : header.options) {
    const bool twice = std::ranges::count(header.options, option.id, &KeyBlockOption::id) != 1;
    if (!option_exists(option) || option.id == "PB" || twice || option.data.size() > kKeyBlockMax)
      return Error{Code::invalid, kBadOption.reason, kBadOption.detail};
    options += option_text(option);
  }
  if (options.size() % multiple != 0) {
    const std::size_t least = options.size() + 4;
    options += option_text({"PB", std::string((multiple - least % multiple) % multiple, '0')});
    ++count;
  }
  const std::size_t total = kKeyBlockHeaderSize + options.size() + tail;
  if (count > 99 || total > kKeyBlockMax)
    return Error{Code::invalid, "crypto.key_block_size", "more than a key block can hold"};
  std::string out(1, header.version);
  out.reserve(total);
  out.append(number(total, 10, 4)).append(header.usage).append({header.algorithm, header.mode}).append(header.key_version);
  out.push_back(header.exportability);
  out.append(number(count, 10, 2)).append({header.context, '0'}).append(options);
  return out;
}

Result<KeyBlockHeader> read_key_block_header(std::string_view block) {
  return std::move(TF_TRY(parse_key_block(block)).header);
}

}  // namespace tf::crypto
