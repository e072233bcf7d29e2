#include "protocols/rki/personalisation.hpp"

#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::rki {
namespace {

using wire::JsonObject;
using wire::JsonWriter;

Result<SecretBytes> optional_secret(JsonObject& object, std::string_view name, std::size_t size) {
  if (!object.has(name)) return SecretBytes();
  Bytes bytes = TF_TRY(object.base64url(name, size, size));
  SecretBytes out{ByteView(bytes)};
  wipe(bytes.data(), bytes.size());
  return out;
}

}  // namespace

std::string encode(const PersonalisationRequest& request) {
  return JsonWriter().begin_object().member("dsn", request.dsn.text())
      .member("certificate_request", wire::base64(request.certificate_request)).end_object().take();
}

Result<PersonalisationRequest> decode_personalisation_request(std::string_view frame) {
  auto object = TF_TRY(JsonObject::parse(frame));
  PersonalisationRequest out{TF_TRY(wire::Dsn::parse(TF_TRY(object.text("dsn", 64)))), {}};
  out.certificate_request = TF_TRY(wire::from_base64(TF_TRY(object.text("certificate_request", 4096))));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const Personalisation& personalisation) {
  JsonWriter writer;
  writer.begin_object().key("suites").begin_array();
  for (const Suite suite : personalisation.suites) writer.value(name_of(suite));
  writer.end_array().member("factor", wire::base64url(personalisation.factor.reveal()));
  if (!personalisation.classic_dik2.empty())
    writer.member("classic_dik2", wire::base64url(personalisation.classic_dik2.reveal()));
  if (!personalisation.modern_dik2.empty())
    writer.member("modern_dik2", wire::base64url(personalisation.modern_dik2.reveal()));
  writer.key("chain").begin_array();
  for (const Bytes& certificate : personalisation.chain) writer.value(wire::base64(certificate));
  return writer.end_array().member("root", wire::base64(personalisation.root)).end_object().take();
}

Result<Personalisation> decode_personalisation(std::string_view frame) {
  TF_CHECK(check_not_refused(frame));
  auto object = TF_TRY(JsonObject::parse(frame));
  Personalisation out;
  for (const std::string& name : TF_TRY(object.texts("suites", 4, 16))) out.suites.push_back(TF_TRY(parse_suite(name)));
  Bytes factor = TF_TRY(object.base64url("factor", 8, 64));
  out.factor = SecretBytes(ByteView(factor));
  out.classic_dik2 = TF_TRY(optional_secret(object, "classic_dik2", 24));
  out.modern_dik2 = TF_TRY(optional_secret(object, "modern_dik2", 32));
  for (const std::string& text : TF_TRY(object.texts("chain", 4, 8192))) out.chain.push_back(TF_TRY(wire::from_base64(text)));
  out.root = TF_TRY(wire::from_base64(TF_TRY(object.text("root", 8192))));
  TF_CHECK(object.finish());
  return out;
}

std::string encode_stored(const Hash256& fingerprint) {
  return JsonWriter().begin_object().member("stored", wire::base64url(fingerprint)).end_object().take();
}

Result<Hash256> decode_stored(std::string_view frame) {
  auto object = TF_TRY(JsonObject::parse(frame));
  const auto fingerprint = TF_TRY(object.base64url<32>("stored"));
  TF_CHECK(object.finish());
  return fingerprint;
}

std::string encode_done() { return JsonWriter().begin_object().member("done", true).end_object().take(); }

std::string encode_refusal(const Error& error) {
  return JsonWriter().begin_object().member("refused", describe(error)).end_object().take();
}

Status check_not_refused(std::string_view frame) {
  auto object = TF_TRY(JsonObject::parse(frame));
  if (!object.has("refused")) return {};
  return Error{Code::refused, "rki.loader_refused", "the loader refuses: " + TF_TRY(object.text("refused", 1024))};
}

}  // namespace tf::rki
