#include "wire/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <cmath>
#include <span>

#include "wire/encoding.hpp"

namespace json = boost::json;

namespace tf::wire {
namespace {

// Of the few names that an object has, comparing each with each is less work than sorting them.
bool has_twice(std::span<std::string> names) {
  constexpr std::size_t kFew = 16;
  if (names.size() > kFew) {
    std::ranges::sort(names);
    return std::ranges::adjacent_find(names) != names.end();
  }
  for (std::size_t i = 1; i < names.size(); ++i)
    if (std::ranges::find(names.first(i), names[i]) != names.first(i).end()) return true;
  return false;
}

// Builds the value like boost's own parser, and fails on a member name that came before in the same object.
struct StrictHandler {
  static constexpr std::size_t max_object_size = 4096;
  static constexpr std::size_t max_array_size = 65536;
  static constexpr std::size_t max_key_size = 256;
  static constexpr std::size_t max_string_size = 1 << 24;

  unsigned char room[1024];  // for the values that are not yet in their object: enough for most documents
  json::value_stack stack{json::storage_ptr(), room, sizeof room};
  std::string partial_key;
  std::string partial_string;
  std::vector<std::string> names;       // of the objects that are open, innermost last
  std::vector<std::size_t> first_name;  // of each open object

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    first_name.push_back(names.size());
    return true;
  }
  bool on_object_end(std::size_t n, json::error_code& ec) {
    if (has_twice(std::span(names).subspan(first_name.back()))) {
      ec = json::error::syntax;
      return false;
    }
    names.resize(first_name.back());
    first_name.pop_back();
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
  bool on_key(json::string_view s, std::size_t, json::error_code&) {
    partial_key.append(s);
    stack.push_key(partial_key);
    names.push_back(std::move(partial_key));
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
  std::shared_ptr<const json::value> document;  // keeps the tree alive for nested objects
  const json::object* object = nullptr;
  std::vector<bool> read;  // by the member's position

  State(std::shared_ptr<const json::value> tree, const json::object& its)
      : document(std::move(tree)), object(&its), read(its.size()) {}

  const json::value* find(std::string_view name) {
    const auto found = object->find(json::string_view(name.data(), name.size()));
    if (found == object->end()) return nullptr;
    read[static_cast<std::size_t>(found - object->begin())] = true;
    return &found->value();
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
  parser.handler().stack.reset(json::make_shared_resource<json::monotonic_resource>(std::clamp<std::size_t>(2 * text.size(), 512, 8192)));
  parser.handler().names.reserve(16);
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec || used != text.size()) {
    return Error{Code::malformed, "wire.json_syntax", fmt::format("not valid JSON near byte {}", used)};
  }
  auto document = std::make_shared<const json::value>(parser.handler().stack.release());
  const json::object* object = document->if_object();
  if (object == nullptr) return Error{Code::malformed, "wire.json_not_object", "not a JSON object"};
  return JsonObject(std::make_unique<State>(std::move(document), *object));
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
  return JsonObject(std::make_unique<State>(state_->document, found->get_object()));
}

Result<std::vector<JsonObject>> JsonObject::objects(std::string_view name, std::size_t max_count) {
  const json::value* found = state_->find(name);
  if (found == nullptr) return wrong(name, "is missing");
  if (!found->is_array()) return wrong(name, "is not an array");
  if (found->get_array().size() > max_count) return wrong(name, "has too many elements");
  std::vector<JsonObject> out;
  for (const json::value& element : found->get_array()) {
    if (!element.is_object()) return wrong(name, "holds something that is not an object");
    out.push_back(JsonObject(std::make_unique<State>(state_->document, element.get_object())));
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
  const auto unread = std::ranges::find(state_->read, false);
  if (unread == state_->read.end()) return {};
  const auto& member = *(state_->object->begin() + (unread - state_->read.begin()));
  return wrong(std::string_view(member.key().data(), member.key().size()).substr(0, 64), "is not known here");
}

}  // namespace tf::wire
