#include "dm/value.hpp"

#include <algorithm>
#include <utility>

#include "wire/encoding.hpp"
#include "xml/writer.hpp"

namespace tf::dm {
namespace {

bool in_base64(std::string_view format) { return format == "b64" || format == "bin"; }

bool is_word(std::string_view text) {
  return text.size() <= 64 && std::ranges::all_of(text, [](char each) { return each > 0x20 && each < 0x7F; });
}

std::size_t escaped_length(char each) { return std::max<std::size_t>(1, xml::escape_of(each).size()); }

}  // namespace

Value text_value(std::string_view text) { return {.format = "chr", .type = "text/plain", .data = to_bytes(as_bytes(text))}; }

Result<std::string> wire_text(const Value& value) {
  const Error unfit{Code::invalid, "dm.value", value.format};
  if (!is_word(value.format) || !is_word(value.type)) return unfit;
  if (in_base64(value.format)) return wire::base64(value.data);
  if (!xml::is_text(as_text(value.data))) return unfit;
  return std::string(as_text(value.data));
}

Result<Value> value_of(const Meta& meta, std::string_view text) {
  Value out{.format = meta.format.empty() ? "chr" : meta.format, .type = meta.type.empty() ? "text/plain" : meta.type, .data = {}};
  if (!in_base64(out.format)) {
    out.data = to_bytes(as_bytes(text));
    return out;
  }
  auto bytes = wire::from_base64(text);
  if (!bytes) return Error{Code::malformed, "dm.value", "base64"};
  out.data = std::move(*bytes);
  return out;
}

Meta in_force(const Meta& item, const Meta& command) {
  Meta out = item;
  if (out.format.empty()) out.format = command.format;
  if (out.type.empty()) out.type = command.type;
  if (!out.size) out.size = command.size;
  return out;
}

std::size_t escaped_size(std::string_view text) {
  std::size_t out = 0;
  for (const char each : text) out += escaped_length(each);
  return out;
}

std::string_view fitting(std::string_view text, std::size_t room) {
  std::size_t end = 0;
  for (std::size_t used = 0; end < text.size(); ++end) {
    used += escaped_length(text[end]);
    if (used > room) break;
  }
  const auto inside = [&] { return end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U; };
  while (end > 0 && inside()) --end;
  return text.substr(0, end);
}

std::uint32_t Assembly::take(const std::string& uri, const Item& item, const Meta& meta) {
  const auto refuse = [&](std::uint32_t code) { return drop(), code; };
  if (!under_way_) {
    if (!meta.size) return code::size_required;
    if (*meta.size > most_) return code::too_large;
    under_way_ = true;
    uri_ = uri;
    size_ = *meta.size;
  }
  text_ += item.data.value_or("");
  if (text_.size() > size_) return refuse(code::size_mismatch);
  if (item.more) return code::chunk_accepted;
  return text_.size() == size_ ? code::ok : refuse(code::size_mismatch);
}

std::string Assembly::release() {
  std::string out = std::move(text_);
  drop();
  return out;
}

void Assembly::drop() {
  under_way_ = false;
  uri_.clear();
  text_.clear();
}

}  // namespace tf::dm
