// Messages 1 to 5; deliveries, receipts and acknowledgements are in messages_delivery.cpp.
#include "protocols/rki/messages.hpp"

#include <algorithm>

#include "crypto/jose/jose.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::rki {
namespace {

using wire::base64url;
using wire::JsonObject;
using wire::JsonWriter;

constexpr wire::JsonLimits kLimits{.size = 24 * 1024, .depth = 4};
constexpr std::size_t kMaxJose = 16 * 1024;
constexpr std::size_t kMaxCertificate = 4096;
constexpr std::size_t kMaxStaple = 8192;  // in base64

Result<std::vector<Bytes>> certificates(JsonObject& object, std::string_view name) {
  std::vector<Bytes> out;
  for (const std::string& text : TF_TRY(object.texts(name, 4, kMaxCertificate * 4 / 3 + 4)))
    out.push_back(TF_TRY(wire::from_base64(text)));
  return out;
}

void write_certificates(JsonWriter& writer, std::string_view name, const std::vector<Bytes>& chain) {
  writer.key(name).begin_array();
  for (const Bytes& certificate : chain) writer.value(wire::base64(certificate));
  writer.end_array();
}

void write_staple(JsonWriter& writer, const ServerHello& hello) {
  if (hello.ocsp) writer.member("ocsp", wire::base64(*hello.ocsp));
}

Status read_staple(JsonObject& object, ServerHello& hello) {
  if (object.has("ocsp")) hello.ocsp = TF_TRY(wire::from_base64(TF_TRY(object.text("ocsp", kMaxStaple))));
  return {};
}

}  // namespace

bool asks_for_staple(const Hello& hello) { return std::ranges::find(hello.suites, kStapleWord) != hello.suites.end(); }

std::string encode(const Hello& hello) {
  JsonWriter writer;
  writer.begin_object().member("dsn", hello.dsn.text()).key("suites").begin_array();
  for (const std::string& suite : hello.suites) writer.value(suite);
  writer.end_array().member("nonce", base64url(hello.nonce)).member("part", hello.part);
  if (!hello.certificates.empty()) write_certificates(writer, "certificates", hello.certificates);
  return writer.end_object().take();
}

Result<Hello> decode_hello(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  const std::string dsn_text = TF_TRY(object.text("dsn", 64));
  Hello hello{.dsn = TF_TRY(wire::Dsn::parse(dsn_text)), .suites = {}, .certificates = {}};
  hello.suites = TF_TRY(object.texts("suites", 8, 16));
  hello.nonce = TF_TRY(object.base64url<32>("nonce"));
  hello.part = TF_TRY(object.integer("part", 1, 99));
  if (object.has("certificates")) hello.certificates = TF_TRY(certificates(object, "certificates"));
  TF_CHECK(object.finish());
  return hello;
}

std::string encode_classic(const ServerHello& hello) {
  JsonWriter writer;
  writer.begin_object().member("session", base64url(hello.session)).member("suite", name_of(hello.suite));
  writer.member("nonce", base64url(hello.nonce));
  write_certificates(writer, "chain", hello.chain);
  writer.member("crl", wire::base64(hello.crl));
  write_staple(writer, hello);
  return writer.end_object().take();
}

std::string signed_payload(const ServerHello& hello) {
  JsonWriter writer;
  writer.begin_object().member("transcript", base64url(hello.transcript)).member("session", base64url(hello.session));
  writer.member("suite", name_of(hello.suite)).member("nonce", base64url(hello.nonce));
  return writer.member("ephemeral", base64url(hello.ephemeral)).member("crl", wire::base64(hello.crl)).end_object().take();
}

std::string encode_modern(const ServerHello& hello, std::string_view jws) {
  JsonWriter writer;
  writer.begin_object().member("session", base64url(hello.session)).member("suite", name_of(hello.suite));
  writer.member("server_hello", jws);
  write_staple(writer, hello);
  return writer.end_object().take();
}

namespace {

Result<ReceivedServerHello> decode_modern(JsonObject object, const SessionId& session) {
  ReceivedServerHello out;
  out.jws = TF_TRY(object.text("server_hello", kMaxJose));
  TF_CHECK(read_staple(object, out.hello));
  TF_CHECK(object.finish());
  auto jws = TF_TRY(crypto::jws_parse_es256(out.jws, typ::server_hello));
  auto payload = TF_TRY(JsonObject::parse(as_text(jws.payload), kLimits));
  out.hello.chain = std::move(jws.chain);
  out.hello.transcript = TF_TRY(payload.base64url<32>("transcript"));
  out.hello.session = TF_TRY(payload.base64url<16>("session"));
  out.hello.suite = TF_TRY(parse_suite(TF_TRY(payload.text("suite", 16))));
  out.hello.nonce = TF_TRY(payload.base64url<32>("nonce"));
  out.hello.ephemeral = TF_TRY(payload.base64url<65>("ephemeral"));
  out.hello.crl = TF_TRY(wire::from_base64(TF_TRY(payload.text("crl", kMaxJose))));
  TF_CHECK(payload.finish());
  if (out.hello.session != session || out.hello.suite != Suite::modern)
    return Error{Code::malformed, "rki.server_hello", "the envelope says other than what is signed"};
  return out;
}

}  // namespace

Result<ReceivedServerHello> decode_server_hello(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  ReceivedServerHello out;
  out.hello.session = TF_TRY(object.base64url<16>("session"));
  out.hello.suite = TF_TRY(parse_suite(TF_TRY(object.text("suite", 16))));
  if (out.hello.suite == Suite::modern) return decode_modern(std::move(object), out.hello.session);
  out.hello.nonce = TF_TRY(object.base64url<32>("nonce"));
  out.hello.chain = TF_TRY(certificates(object, "chain"));
  out.hello.crl = TF_TRY(wire::from_base64(TF_TRY(object.text("crl", kMaxJose))));
  TF_CHECK(read_staple(object, out.hello));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const ClassicProof& proof) {
  JsonWriter writer;
  writer.begin_object().member("session", base64url(proof.session)).member("factor", base64url(proof.factor));
  return writer.end_object().take();
}

Result<ClassicProof> decode_classic_proof(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  ClassicProof proof;
  proof.session = TF_TRY(object.base64url<16>("session"));
  proof.factor = TF_TRY(object.base64url("factor", 256, 1024));
  TF_CHECK(object.finish());
  return proof;
}

std::string encode(const ModernProof& proof) {
  JsonWriter writer;
  writer.begin_object().member("session", base64url(proof.session)).member("proof", proof.proof);
  return writer.member("mac", base64url(proof.mac)).end_object().take();
}

Result<ModernProof> decode_modern_proof(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  ModernProof proof;
  proof.session = TF_TRY(object.base64url<16>("session"));
  proof.proof = TF_TRY(object.text("proof", kMaxJose));
  proof.mac = TF_TRY(object.base64url<32>("mac"));
  TF_CHECK(object.finish());
  return proof;
}

std::string encode(const ProofPayload& payload) {
  JsonWriter writer;
  writer.begin_object().member("transcript", base64url(payload.transcript));
  return writer.member("ephemeral", base64url(payload.ephemeral)).member("factor", payload.factor).end_object().take();
}

Result<ProofPayload> decode_proof_payload(std::string_view text) {
  auto object = TF_TRY(JsonObject::parse(text, kLimits));
  ProofPayload payload;
  payload.transcript = TF_TRY(object.base64url<32>("transcript"));
  payload.ephemeral = TF_TRY(object.base64url<65>("ephemeral"));
  payload.factor = TF_TRY(object.text("factor", 1024));
  TF_CHECK(object.finish());
  return payload;
}

std::string encode_server_token(std::string_view token) { return encode_wrapped("token", token); }
Result<std::string> decode_server_token(std::string_view body) { return decode_wrapped(body, "token"); }

std::string encode(const DeviceToken& token) {
  JsonWriter writer;
  writer.begin_object().member("session", base64url(token.session)).member("token", token.token);
  if (token.mac) writer.member("mac", base64url(*token.mac));
  return writer.end_object().take();
}

Result<DeviceToken> decode_device_token(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  DeviceToken token;
  token.session = TF_TRY(object.base64url<16>("session"));
  token.token = TF_TRY(object.text("token", 2048));
  if (object.has("mac")) token.mac = TF_TRY(object.base64url<32>("mac"));
  TF_CHECK(object.finish());
  return token;
}

std::string encode_wrapped(std::string_view name, std::string_view jose) {
  return JsonWriter().begin_object().member(name, jose).end_object().take();
}

std::string encode_wrapped(const SessionId& session, std::string_view name, std::string_view jose) {
  return JsonWriter().begin_object().member("session", base64url(session)).member(name, jose).end_object().take();
}

Result<std::string> decode_wrapped(std::string_view body, std::string_view name) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  std::string out = TF_TRY(object.text(name, kMaxJose));
  TF_CHECK(object.finish());
  return out;
}

Result<SessionMessage> decode_session_message(std::string_view body, std::string_view name) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  SessionMessage out;
  out.session = TF_TRY(object.base64url<16>("session"));
  out.jose = TF_TRY(object.text(name, kMaxJose));
  TF_CHECK(object.finish());
  return out;
}

Result<SessionId> session_of(std::string_view body) {
  const auto text = wire::peek_text(body, "session", kLimits);
  if (!text) {
    TF_TRY(JsonObject::parse(body, kLimits));  // what is no JSON at all is told so
    return text.error();
  }
  const Bytes session = TF_TRY(wire::from_base64url(*text));
  SessionId out;
  if (session.size() != out.size()) return Error{Code::malformed, "rki.session", "not the name of a session"};
  std::ranges::copy(session, out.begin());
  return out;
}

}  // namespace tf::rki
