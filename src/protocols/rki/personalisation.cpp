#include "protocols/rki/personalisation.hpp"

#include <algorithm>

#include "wire/encoding.hpp"
#include "wire/fields.hpp"
#include "wire/json.hpp"

namespace tf::rki {
namespace {

using wire::JsonObject;
using wire::JsonWriter;

constexpr std::size_t kClassicDik2 = 24, kModernDik2 = 32, kLeastFactor = 8, kMostFactor = 64;

Error no_secrets(const char* why) { return Error{Code::malformed, "rki.personalisation", why}; }

// Written in place: a growing buffer would leave copies behind.
std::size_t put_field(MutableByteView out, ByteView bytes) {
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(bytes.size() >> (24 - 8 * i));
  std::copy(bytes.begin(), bytes.end(), out.begin() + 4);
  return 4 + bytes.size();
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

SecretBytes encode(const PersonalisationSecrets& secrets) {
  const ByteView parts[] = {secrets.factor.reveal(), secrets.classic_dik2.reveal(), secrets.modern_dik2.reveal()};
  std::size_t size = 0;
  for (const ByteView part : parts) size += 4 + part.size();
  SecretBytes out(size);
  MutableByteView rest = out.reveal_mutable();
  for (const ByteView part : parts) rest = rest.subspan(put_field(rest, part));
  return out;
}

Result<PersonalisationSecrets> decode_personalisation_secrets(const SecretBytes& frame) {
  wire::FieldReader reader(frame.reveal());
  PersonalisationSecrets out;
  out.factor = SecretBytes(TF_TRY(reader.field(kMostFactor)));
  out.classic_dik2 = SecretBytes(TF_TRY(reader.field(kClassicDik2)));
  out.modern_dik2 = SecretBytes(TF_TRY(reader.field(kModernDik2)));
  TF_CHECK(reader.finish());
  if (out.factor.size() < kLeastFactor) return no_secrets("the factor is too short");
  if (!out.classic_dik2.empty() && out.classic_dik2.size() != kClassicDik2) return no_secrets("DIK2 of classic has 24 bytes");
  if (!out.modern_dik2.empty() && out.modern_dik2.size() != kModernDik2) return no_secrets("DIK2 of modern has 32 bytes");
  return out;
}

std::string encode(const Personalisation& personalisation) {
  JsonWriter writer;
  writer.begin_object().key("suites").begin_array();
  for (const Suite suite : personalisation.suites) writer.value(name_of(suite));
  writer.end_array().key("chain").begin_array();
  for (const Bytes& certificate : personalisation.chain) writer.value(wire::base64(certificate));
  return writer.end_array().member("root", wire::base64(personalisation.root)).end_object().take();
}

Result<Personalisation> decode_personalisation(std::string_view frame) {
  TF_CHECK(check_not_refused(frame));
  auto object = TF_TRY(JsonObject::parse(frame));
  Personalisation out;
  for (const std::string& name : TF_TRY(object.texts("suites", 4, 16))) out.suites.push_back(TF_TRY(parse_suite(name)));
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
