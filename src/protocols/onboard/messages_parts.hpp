// What the messages have in common; private to messages*.cpp.
#pragma once
#include "protocols/onboard/identity.hpp"
#include "protocols/onboard/messages.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::onboard {

using wire::base64url;
using wire::JsonObject;
using wire::JsonWriter;

inline constexpr std::size_t kMaxJose = 48 * 1024;
inline constexpr std::size_t kMaxCertificate = 16 * 1024;
inline constexpr std::size_t kMaxChain = 4;
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

inline Result<Secret<32>> secret32_in(JsonObject& object, std::string_view name) {
  Bytes bytes = TF_TRY(object.base64url(name, 32, 32));
  Secret<32> out(ByteView(bytes).first<32>());
  wipe(bytes.data(), bytes.size());
  return out;
}

inline Result<SecretBytes> password_in(JsonObject& object, std::string_view name) {
  std::string text = TF_TRY(object.text(name, 64));
  SecretBytes out{as_bytes(text)};
  wipe(text.data(), text.size());
  if (out.empty()) return Error{Code::malformed, "onboard.password", "a password is 1 to 64 characters"};
  return out;
}

inline void write_texts(JsonWriter& writer, std::string_view name, const std::vector<std::string>& texts) {
  writer.key(name).begin_array();
  for (const std::string& text : texts) writer.value(text);
  writer.end_array();
}

inline void write_chain(JsonWriter& writer, std::string_view name, const Chain& chain) {
  writer.key(name).begin_array();
  for (const Bytes& der : chain) writer.value(base64url(der));
  writer.end_array();
}

inline Result<Chain> chain_in(JsonObject& object, std::string_view name) {
  Chain out;
  for (const std::string& text : TF_TRY(object.texts(name, kMaxChain, (kMaxCertificate + 2) / 3 * 4))) {
    out.push_back(TF_TRY(wire::from_base64url(text)));
    if (out.back().empty()) return Error{Code::malformed, "onboard.chain", "a certificate is missing"};
  }
  if (out.empty()) return Error{Code::malformed, "onboard.chain", "a chain has 1 to 4 certificates"};
  return out;
}

inline Result<std::vector<std::string>> route_in(JsonObject& object, std::string_view name) {
  std::vector<std::string> out = TF_TRY(object.texts(name, kMaxUrls, kMaxUrl));
  if (out.empty()) return Error{Code::malformed, "onboard.route", "a route has 1 to 4 URLs"};
  for (const std::string& url : out) (void)TF_TRY(parse_url(url));
  return out;
}

inline Result<std::string> dsim_id_in(JsonObject& object) { return parse_dsim_id(TF_TRY(object.text("dsim_id", kMaxId))); }
inline Result<std::string> id_in(JsonObject& object, std::string_view name) { return parse_id(TF_TRY(object.text(name, kMaxId))); }
inline Result<std::int64_t> time_in(JsonObject& object, std::string_view name) { return object.integer(name, 0, kMaxTime); }

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

inline void write_account(JsonWriter& writer, const Account& account) {
  writer.begin_object().member("user", account.user);
  writer.member("password", as_text(account.password.reveal())).member("server_password", as_text(account.server_password.reveal()));
  writer.member("client_nonce", base64url(account.client_nonce)).member("server_nonce", base64url(account.server_nonce)).end_object();
}

inline Result<Account> account_in(JsonObject& object) {
  Account out;
  out.user = TF_TRY(object.text("user", kMaxUser));
  (void)TF_TRY(parse_account_user(out.user));
  out.password = TF_TRY(password_in(object, "password"));
  out.server_password = TF_TRY(password_in(object, "server_password"));
  out.client_nonce = TF_TRY(object.base64url<16>("client_nonce"));
  out.server_nonce = TF_TRY(object.base64url<16>("server_nonce"));
  TF_CHECK(object.finish());
  return out;
}

}  // namespace tf::onboard
