// What the messages have in common; private to messages*.cpp.
#pragma once
#include "protocols/cardsign/messages.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::cardsign {

using wire::base64url;
using wire::JsonObject;
using wire::JsonWriter;

inline constexpr std::size_t kMaxJose = 24 * 1024;
inline constexpr std::size_t kMaxCertificate = 16 * 1024;
inline constexpr std::size_t kMaxChain = 5;
inline constexpr wire::JsonLimits kLimits{.size = kMaxBody, .depth = 5};

inline Status check_label(JsonObject& object, std::string_view label) {
  if (TF_TRY(object.text("label", 64)) == label) return {};
  return Error{Code::malformed, "cardsign.label", "the content is not for this message"};
}

inline void write_list(JsonWriter& writer, std::string_view name, const std::vector<Bytes>& list) {
  writer.key(name).begin_array();
  for (const Bytes& one : list) writer.value(base64url(one));
  writer.end_array();
}

inline Result<std::vector<Bytes>> list_in(JsonObject& object, std::string_view name, std::size_t min_count, std::size_t max_count, std::size_t min, std::size_t max) {
  std::vector<Bytes> out;
  for (const std::string& text : TF_TRY(object.texts(name, max_count, (max * 4 + 2) / 3))) {
    out.push_back(TF_TRY(wire::from_base64url(text)));
    if (out.back().size() < min) return Error{Code::malformed, "cardsign.list", "an element is too short"};
  }
  if (out.size() < min_count) return Error{Code::malformed, "cardsign.list", "a list has too few elements"};
  return out;
}
inline Result<std::vector<Bytes>> chain_in(JsonObject& object, std::string_view name) { return list_in(object, name, 1, kMaxChain, 1, kMaxCertificate); }

inline Result<std::string> id_in(JsonObject& object, std::string_view name) { return parse_id(TF_TRY(object.text(name, 22))); }
inline Result<std::string> serial_in(JsonObject& object) { return parse_serial(TF_TRY(object.text("serial", 20))); }
inline Result<std::string> user_in(JsonObject& object) { return parse_user(TF_TRY(object.text("user", 48))); }
inline Result<std::string> platform_in(JsonObject& object) { return parse_platform(TF_TRY(object.text("platform", 64))); }

}  // namespace tf::cardsign
