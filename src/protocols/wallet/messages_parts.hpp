// What the messages have in common; private to messages*.cpp.
#pragma once
#include "protocols/wallet/messages.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::wallet {

using wire::base64url;
using wire::JsonObject;
using wire::JsonWriter;

inline constexpr std::size_t kMaxNonce = 256;
inline constexpr std::size_t kMaxKid = 64;
inline constexpr std::size_t kMaxJose = 24 * 1024;
inline constexpr std::size_t kMaxCertificate = 16 * 1024;
inline constexpr std::size_t kMaxFile = 32 * 1024;
inline constexpr std::int64_t kMaxTime = 253'402'300'799'000;  // the year 9999
inline constexpr wire::JsonLimits kLimits{.size = 64 * 1024, .depth = 4};

// The text of a writer as a secret; what the writer held is wiped.
inline SecretBytes secret_text(JsonWriter& writer) {
  std::string text = writer.take();
  SecretBytes out{as_bytes(text)};
  wipe(text.data(), text.size());
  return out;
}

inline void write_secret(JsonWriter& writer, std::string_view name, ByteView secret) {
  std::string text = base64url(secret);
  writer.member(name, text);
  wipe(text.data(), text.size());
}

inline Result<SecretBytes> secret_in(JsonObject& object, std::string_view name, std::size_t min, std::size_t max) {
  Bytes bytes = TF_TRY(object.base64url(name, min, max));
  SecretBytes out{ByteView(bytes)};
  wipe(bytes.data(), bytes.size());
  return out;
}

inline Result<Secret<32>> secret32_in(JsonObject& object, std::string_view name) {
  const SecretBytes bytes = TF_TRY(secret_in(object, name, 32, 32));
  return Secret<32>(bytes.reveal().first<32>());
}

// The label that every signed or sealed content of ours begins with.
inline Status check_label(JsonObject& object, std::string_view label) {
  if (TF_TRY(object.text("label", 64)) == label) return {};
  return Error{Code::malformed, "wallet.label", "the content is not for this message"};
}

inline Result<Suite> suite_in(JsonObject& object) { return parse_suite(TF_TRY(object.text("suite", 16))); }
inline Result<std::string> nonce_in(JsonObject& object) { return object.text("nonce_p", kMaxNonce); }
inline Result<std::string> platform_in(JsonObject& object) { return parse_platform(TF_TRY(object.text("platform", 64))); }
inline Result<std::string> number_in(JsonObject& object) { return parse_number(TF_TRY(object.text("number", 15))); }
inline Result<std::string> id_in(JsonObject& object, std::string_view name) { return parse_id(TF_TRY(object.text(name, 22))); }
inline Result<std::string> order_in(JsonObject& object, std::string_view name = "order") { return parse_order(TF_TRY(object.text(name, 32))); }

// What makes a signed request new, and whose it is.
inline void write_binding(JsonWriter& writer, std::string_view label, const RequestBinding& binding) {
  writer.member("label", label).member("platform", binding.platform).member("certificate", base64url(binding.certificate));
  writer.member("session", binding.session).member("nonce_p", binding.nonce_p).member("nonce_t", base64url(binding.nonce_t));
}

inline Result<RequestBinding> binding_in(JsonObject& object, std::string_view label) {
  TF_CHECK(check_label(object, label));
  RequestBinding out;
  out.platform = TF_TRY(platform_in(object));
  out.certificate = TF_TRY(object.base64url<32>("certificate"));
  out.session = TF_TRY(id_in(object, "session"));
  out.nonce_p = TF_TRY(nonce_in(object));
  out.nonce_t = TF_TRY(object.base64url<16>("nonce_t"));
  return out;
}

// A body with one text.
inline std::string one_text(std::string_view name, std::string_view text) {
  return JsonWriter().begin_object().member(name, text).end_object().take();
}
inline Result<std::string> one_text_in(std::string_view body, std::string_view name, std::size_t max) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  std::string out = TF_TRY(object.text(name, max));
  TF_CHECK(object.finish());
  return out;
}

}  // namespace tf::wallet
