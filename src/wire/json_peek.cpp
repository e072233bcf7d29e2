#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>

#include "wire/json.hpp"

namespace json = boost::json;

namespace tf::wire {
namespace {

// Stops at the string that a member of the outermost object has for value.
struct PeekHandler {
  static constexpr std::size_t max_object_size = 4096;
  static constexpr std::size_t max_array_size = 65536;
  static constexpr std::size_t max_key_size = 256;
  static constexpr std::size_t max_string_size = 1 << 24;

  std::string_view wanted;
  std::string key;
  std::string text;
  int depth = 0;
  bool here = false;
  bool found = false;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return ++depth > 0; }
  bool on_object_end(std::size_t, json::error_code&) { return --depth >= 0; }
  bool on_array_begin(json::error_code&) { return ++depth > 0; }
  bool on_array_end(std::size_t, json::error_code&) { return --depth >= 0; }
  bool on_key_part(json::string_view s, std::size_t, json::error_code&) {
    key.append(s);
    return true;
  }
  bool on_key(json::string_view s, std::size_t, json::error_code&) {
    key.append(s);
    here = depth == 1 && key == wanted;
    key.clear();
    return true;
  }
  bool on_string_part(json::string_view s, std::size_t, json::error_code&) {
    if (here) text.append(s);
    return true;
  }
  bool on_string(json::string_view s, std::size_t, json::error_code& ec) {
    if (!here) return true;
    text.append(s);
    found = true;
    ec = json::error::not_string;  // any: it ends the reading
    return false;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double, json::string_view, json::error_code&) { return true; }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

}  // namespace

Result<std::string> peek_text(std::string_view text, std::string_view name, JsonLimits limits) {
  if (text.size() > limits.size) return Error{Code::malformed, "wire.json_too_large", "the document is too large"};
  json::parse_options options;
  options.max_depth = limits.depth;
  json::basic_parser<PeekHandler> parser(options);
  parser.handler().wanted = name;
  json::error_code ec;
  parser.write_some(false, text.data(), text.size(), ec);
  if (!parser.handler().found) 
    return Error{Code::malformed, "wire.json_member", fmt::format("member \"{}\" is missing, or this is no JSON object", name)};
  return std::move(parser.handler().text);
}

}  // namespace tf::wire
