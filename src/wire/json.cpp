#include "wire/json.hpp"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <cmath>
#include <set>

#include "wire/encoding.hpp"

namespace json = boost::json;

namespace tf::wire {
namespace {

// Builds the value like boost's own parser, and fails on a member name that came before in the same object.
struct StrictHandler {
  static constexpr std::size_t max_object_size = 4096;
  static constexpr std::size_t max_array_size = 65536;
  static constexpr std::size_t max_key_size = 256;
  static constexpr std::size_t max_string_size = 1 << 24;

  json::value_stack stack;
  std::string partial_key;
  std::string partial_string;
  std::vector<std::set<std::string, std::less<>>> names;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    names.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t n, json::error_code&) {
    names.pop_back();
    stack.push_object(n);
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t n, json::error_code&) {
    stack.push_array(n);
    return true;
  }
  bool on_key_part(json::string_view s, std::size_t, json::error_code&) {
    partial_key.append(s);
    return true;
  }
  bool on_key(json::string_view s, std::size_t, json::error_code& ec) {
    partial_key.append(s);
    if (!names.back().insert(partial_key).second) {
      ec = json::error::syntax;
      return false;
    }
    stack.push_key(partial_key);
    partial_key.clear();
    return true;
  }
  bool on_string_part(json::string_view s, std::size_t, json::error_code&) {
    partial_string.append(s);
    return true;
  }
  bool on_string(json::string_view s, std::size_t, json::error_code&) {
    if (partial_string.empty()) {
      stack.push_string(s);
      return true;
    }
    partial_string.append(s);
    stack.push_string(partial_string);
    partial_string.clear();
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t i, json::string_view, json::error_code&) {
    stack.push_int64(i);
    return true;
  }
  bool on_uint64(std::uint64_t u, json::string_view, json::error_code&) {
    stack.push_uint64(u);
    return true;
  }
  bool on_double(double d, json::string_view, json::error_code& ec) {
    if (!std::isfinite(d)) {
      ec = json::error::not_number;
      return false;
    }
    stack.push_double(d);
    return true;
  }
  bool on_bool(bool b, json::error_code&) {
    stack.push_bool(b);
    return true;
  }
  bool on_null(json::error_code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

Error wrong(std::string_view name, std::string_view what) {
  return {Code::malformed, "wire.json_member", fmt::format("member \"{}\" {}", name, what)};
}

}  // namespace

struct JsonObject::State {
  std::shared_ptr<json::value> document;  // keeps the tree alive for nested objects
  const json::object* object = nullptr;
  std::set<std::string, std::less<>> read;

  const json::value* find(std::string_view name) {
    const json::value* found = object->if_contains(json::string_view(name.data(), name.size()));
    if (found != nullptr) read.emplace(name);
    return found;
  }
};

JsonObject::JsonObject(std::unique_ptr<State> state) : state_(std::move(state)) {}
JsonObject::JsonObject(JsonObject&&) noexcept = default;
JsonObject& JsonObject::operator=(JsonObject&&) noexcept = default;
JsonObject::~JsonObject() = default;

Result<JsonObject> JsonObject::parse(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.size) return Error{Code::malformed, "wire.json_too_large", "the document is too large"};
  json::parse_options options;
  options.max_depth = limits.depth;
  json::basic_parser<StrictHandler> parser(options);
  parser.handler().stack.reset();
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec || used != text.size()) {
    return Error{Code::malformed, "wire.json_syntax", fmt::format("not valid JSON near byte {}", used)};
  }
  auto state = std::make_unique<State>();
  state->document = std::make_shared<json::value>(parser.handler().stack.release());
  state->object = state->document->if_object();
  if (state->object == nullptr) return Error{Code::malformed, "wire.json_not_object", "not a JSON object"};
  return JsonObject(std::move(state));
}

bool JsonObject::has(std::string_view name) const {
  return state_->object->contains(json::string_view(name.data(), name.size()));
}

Result<std::string> JsonObject::text(std::string_view name, std::size_t max_size) {
  const json::value* found = state_->find(name);
  if (found == nullptr) return wrong(name, "is missing");
  if (!found->is_string()) return wrong(name, "is not a string");
  const auto& content = found->get_string();
  if (content.size() > max_size) return wrong(name, "is too long");
  return std::string(content.data(), content.size());
}

Result<std::optional<std::string>> JsonObject::optional_text(std::string_view name, std::size_t max_size) {
  if (!has(name)) return std::optional<std::string>();
  return std::optional<std::string>(TF_TRY(text(name, max_size)));
}

Result<std::int64_t> JsonObject::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const json::value* found = state_->find(name);
  if (found == nullptr) return wrong(name, "is missing");
  if (!found->is_int64()) return wrong(name, "is not an integer");
  const std::int64_t number = found->get_int64();
  if (number < min || number > max) return wrong(name, fmt::format("is not between {} and {}", min, max));
  return number;
}

Result<double> JsonObject::number(std::string_view name) {
  const json::value* found = state_->find(name);
  if (found == nullptr) return wrong(name, "is missing");
  if (!found->is_number()) return wrong(name, "is not a number");
  return found->to_number<double>();
}

Result<bool> JsonObject::boolean(std::string_view name) {
  const json::value* found = state_->find(name);
  if (found == nullptr) return wrong(name, "is missing");
  if (!found->is_bool()) return wrong(name, "is not true or false");
  return found->get_bool();
}

Result<std::vector<std::string>> JsonObject::texts(std::string_view name, std::size_t max_count, std::size_t max_size) {
  const json::value* found = state_->find(name);
  if (found == nullptr) return wrong(name, "is missing");
  if (!found->is_array()) return wrong(name, "is not an array");
  if (found->get_array().size() > max_count) return wrong(name, "has too many elements");
  std::vector<std::string> out;
  for (const json::value& element : found->get_array()) {
    if (!element.is_string()) return wrong(name, "holds something that is not a string");
    if (element.get_string().size() > max_size) return wrong(name, "holds a string that is too long");
    out.emplace_back(element.get_string().data(), element.get_string().size());
  }
  return out;
}

Result<JsonObject> JsonObject::object(std::string_view name) {
  const json::value* found = state_->find(name);
  if (found == nullptr) return wrong(name, "is missing");
  if (!found->is_object()) return wrong(name, "is not an object");
  auto state = std::make_unique<State>();
  state->document = state_->document;
  state->object = &found->get_object();
  return JsonObject(std::move(state));
}

Result<std::vector<JsonObject>> JsonObject::objects(std::string_view name, std::size_t max_count) {
  const json::value* found = state_->find(name);
  if (found == nullptr) return wrong(name, "is missing");
  if (!found->is_array()) return wrong(name, "is not an array");
  if (found->get_array().size() > max_count) return wrong(name, "has too many elements");
  std::vector<JsonObject> out;
  for (const json::value& element : found->get_array()) {
    if (!element.is_object()) return wrong(name, "holds something that is not an object");
    auto state = std::make_unique<State>();
    state->document = state_->document;
    state->object = &element.get_object();
    out.push_back(JsonObject(std::move(state)));
  }
  return out;
}

Result<Bytes> JsonObject::base64url(std::string_view name, std::size_t min_size, std::size_t max_size) {
  const std::string encoded = TF_TRY(text(name, max_size * 4 / 3 + 4));
  auto bytes = from_base64url(encoded);
  if (!bytes) return wrong(name, "is not base64url");
  if (bytes->size() < min_size || bytes->size() > max_size) return wrong(name, "has the wrong length");
  return bytes;
}

Status JsonObject::finish() const {
  for (const auto& member : *state_->object) {
    const std::string_view name(member.key().data(), member.key().size());
    if (!state_->read.contains(name)) return wrong(name.substr(0, 64), "is not known here");
  }
  return {};
}

}  // namespace tf::wire
