// Challenges, the platform's keys, and S02–S04; S07–S08 are in messages_activate.cpp.
#include "protocols/wallet/messages_parts.hpp"

namespace tf::wallet {

std::string_view name_of(ChallengePurpose purpose) {
  switch (purpose) {
    case ChallengePurpose::registration: return "register";
    case ChallengePurpose::activate: return "activate";
    case ChallengePurpose::login: return "login";
    case ChallengePurpose::pay: return "pay";
    case ChallengePurpose::query: return "query";
    case ChallengePurpose::refund: return "refund";
    case ChallengePurpose::instruments: break;
  }
  return "instruments";
}

std::string encode_challenge_request(ChallengePurpose purpose) { return one_text("purpose", name_of(purpose)); }

Result<ChallengePurpose> decode_challenge_request(std::string_view body) {
  const std::string purpose = TF_TRY(one_text_in(body, "purpose", 16));
  using enum ChallengePurpose;
  for (const auto known : {registration, activate, login, pay, query, refund, instruments})
    if (purpose == name_of(known)) return known;
  return Error{Code::malformed, "wallet.purpose", "a challenge is for register, activate, login, pay, query, refund or instruments"};
}

std::string encode(const Challenge& challenge) {
  JsonWriter writer;
  return writer.begin_object().member("nonce", challenge.nonce).member("expires_in", challenge.expires_in_s).end_object().take();
}

Result<Challenge> decode_challenge(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  Challenge out{TF_TRY(object.text("nonce", kMaxNonce)), TF_TRY(object.integer("expires_in", 1, 3600))};
  TF_CHECK(object.finish());
  return out;
}

namespace {

void write_chains(JsonWriter& writer, std::string_view name, const std::vector<PublishedChain>& chains) {
  writer.key(name).begin_array();
  for (const PublishedChain& one : chains) {
    writer.begin_object().member("kid", one.kid).key("x5c").begin_array();
    for (const Bytes& certificate : one.chain) writer.value(wire::base64(certificate));
    writer.end_array().end_object();
  }
  writer.end_array();
}

Result<std::vector<PublishedChain>> chains_in(JsonObject& object, std::string_view name) {
  std::vector<PublishedChain> out;
  for (JsonObject& one : TF_TRY(object.objects(name, 8))) {
    PublishedChain chain{TF_TRY(one.text("kid", kMaxKid)), {}};
    for (const std::string& certificate : TF_TRY(one.texts("x5c", 4, kMaxCertificate))) chain.chain.push_back(TF_TRY(wire::from_base64(certificate)));
    TF_CHECK(one.finish());
    if (chain.chain.empty()) return Error{Code::malformed, "wallet.keys", "a chain has at least one certificate"};
    out.push_back(std::move(chain));
  }
  return out;
}

}  // namespace

std::string encode(const PlatformKeys& keys) {
  JsonWriter writer;
  writer.begin_object().member("platform", keys.platform);
  write_chains(writer, "encryption", keys.encryption);
  write_chains(writer, "results", keys.results);
  return writer.end_object().take();
}

Result<PlatformKeys> decode_platform_keys(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, {.size = 512 * 1024, .depth = 4}));
  PlatformKeys out{TF_TRY(platform_in(object)), TF_TRY(chains_in(object, "encryption")), TF_TRY(chains_in(object, "results"))};
  TF_CHECK(object.finish());
  return out;
}

std::string encode_jwe(std::string_view jwe) { return one_text("jwe", jwe); }
Result<std::string> decode_jwe(std::string_view body) { return one_text_in(body, "jwe", kMaxJose); }
std::string encode_sealed(std::string_view sealed) { return one_text("sealed", sealed); }
Result<std::string> decode_sealed(std::string_view body) { return one_text_in(body, "sealed", kMaxJose); }

SecretBytes encode(const RegisterContent& content) {
  JsonWriter writer;
  writer.begin_object().member("label", "wallet register").member("platform", content.platform).member("suite", name_of(content.suite));
  writer.member("key", name_of(content.key_maker)).member("number", content.subscriber.number).member("imei", content.subscriber.imei);
  writer.member("iccid", content.subscriber.iccid).member("name", content.person.name).member("id_number", content.person.id_number);
  writer.member("nonce_p", content.nonce_p);
  write_secret(writer, "response_key", content.response_key.reveal());
  if (content.key_maker == KeyMaker::phone && content.verifier) {
    writer.member("salt", base64url(content.verifier->salt));
    write_secret(writer, "verifier", content.verifier->hash.reveal());
    writer.member("csr", base64url(content.csr));
  } else {
    write_secret(writer, "password", content.password.reveal());
  }
  writer.end_object();
  return secret_text(writer);
}

namespace {

Status key_of_phone_in(JsonObject& object, RegisterContent& out) {
  const auto salt = TF_TRY(object.base64url<16>("salt"));
  out.verifier = Verifier{salt, TF_TRY(secret32_in(object, "verifier"))};
  out.csr = TF_TRY(object.base64url("csr", 1, kMaxCertificate));
  return {};
}

}  // namespace

Result<RegisterContent> decode_register_content(const SecretBytes& content) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  TF_CHECK(check_label(object, "wallet register"));
  RegisterContent out;
  out.platform = TF_TRY(platform_in(object));
  out.suite = TF_TRY(suite_in(object));
  out.key_maker = TF_TRY(parse_key_maker(TF_TRY(object.text("key", 16))));
  out.subscriber = {TF_TRY(number_in(object)), TF_TRY(parse_imei(TF_TRY(object.text("imei", 15)))), TF_TRY(parse_iccid(TF_TRY(object.text("iccid", 20))))};
  out.person = {TF_TRY(parse_name(TF_TRY(object.text("name", kNameMax)))), TF_TRY(parse_id_number(TF_TRY(object.text("id_number", 32))))};
  out.nonce_p = TF_TRY(nonce_in(object));
  out.response_key = TF_TRY(secret32_in(object, "response_key"));
  if (out.key_maker == KeyMaker::phone) {
    TF_CHECK(key_of_phone_in(object, out));
  } else {
    out.password = TF_TRY(secret_in(object, "password", 8, 64));
  }
  TF_CHECK(object.finish());
  return out;
}

SecretBytes encode(const Registered& registered) {
  JsonWriter writer;
  writer.begin_object().member("label", "wallet registered").member("nonce_p", registered.nonce_p).member("registration", registered.registration);
  writer.member("code", as_text(registered.code.reveal())).end_object();
  return secret_text(writer);
}

Result<Registered> decode_registered(const SecretBytes& content) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  TF_CHECK(check_label(object, "wallet registered"));
  Registered out{TF_TRY(nonce_in(object)), TF_TRY(id_in(object, "registration")), {}};
  std::string code = TF_TRY(object.text("code", 26));
  out.code = SecretBytes(as_bytes(code));
  wipe(code.data(), code.size());
  TF_CHECK(object.finish());
  if (out.code.size() != 26) return Error{Code::malformed, "wallet.code", "a registration code has 26 characters"};
  return out;
}

}  // namespace tf::wallet
