// What the messages have in common; private to messages*.cpp.
#pragma once
#include "protocols/access/messages.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::access {

using wire::base64url;
using wire::JsonObject;
using wire::JsonWriter;

inline constexpr std::size_t kMaxNonce = 256;
inline constexpr std::size_t kMaxKeyId = 64;
inline constexpr std::size_t kMaxJose = 16 * 1024;
inline constexpr std::int64_t kMaxTime = 253'402'300'799'000;  // the year 9999
inline constexpr wire::JsonLimits kLimits{.size = 64 * 1024, .depth = 3};

inline Result<std::string> optional(JsonObject& object, std::string_view name, std::size_t max) {
  return TF_TRY(object.optional_text(name, max)).value_or("");
}

inline Result<std::string> optional_number(JsonObject& object) {
  const std::string text = TF_TRY(optional(object, "msisdn", 15));
  if (text.empty()) return text;
  return parse_msisdn(text);
}

inline Result<Suite> suite_in(JsonObject& object) { return parse_suite(TF_TRY(object.text("suite", 16))); }

inline Result<std::string> profile_in(JsonObject& object) {
  const std::string text = TF_TRY(optional(object, "private_apn", kApnMax));
  if (text.empty()) return text;
  return parse_apn(text);
}

inline void write_profile(JsonWriter& writer, const std::string& profile) {
  if (!profile.empty()) writer.member("private_apn", profile);
}

}  // namespace tf::access
