// JWS. JWE is in jose_jwe.cpp.
#include "crypto/jose/jose.hpp"

#include "crypto/digest.hpp"
#include "crypto/jose/header.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::crypto {

using wire::base64url;

std::string jose_header(std::string_view alg, std::string_view enc, std::string_view typ, const std::vector<Bytes>& chain) {
  wire::JsonWriter writer;
  writer.begin_object().member("alg", alg);
  if (!enc.empty()) writer.member("enc", enc);
  writer.member("typ", typ);
  if (!chain.empty()) {
    writer.key("x5c").begin_array();
    for (const Bytes& certificate : chain) writer.value(wire::base64(certificate));
    writer.end_array();
  }
  writer.end_object();
  return base64url(as_bytes(writer.text()));
}

bool jose_is_our_header(std::string_view encoded, std::string_view alg, std::string_view enc, std::string_view typ) {
  return encoded == jose_header(alg, enc, typ, {});
}

Result<std::vector<std::string_view>> jose_parts(std::string_view compact, std::size_t count) {
  std::vector<std::string_view> parts;
  parts.reserve(count);
  while (parts.size() < count) {
    const std::size_t dot = compact.find('.');
    parts.push_back(compact.substr(0, dot));
    if (dot == std::string_view::npos) break;
    compact.remove_prefix(dot + 1);
    if (parts.size() == count) return Error{Code::malformed, "crypto.jose_parts", "too many parts"};
  }
  if (parts.size() != count) return Error{Code::malformed, "crypto.jose_parts", "too few parts"};
  return parts;
}

Result<wire::JsonObject> jose_read_header(std::string_view encoded, std::string_view alg, std::string_view enc,
                                          std::string_view typ) {
  const Bytes text = TF_TRY(wire::from_base64url(encoded));
  auto header = TF_TRY(wire::JsonObject::parse(as_text(text), {.size = 16 * 1024, .depth = 3}));
  const bool right = TF_TRY(header.text("alg", 32)) == alg && (enc.empty() || TF_TRY(header.text("enc", 32)) == enc) &&
                     TF_TRY(header.text("typ", 64)) == typ;
  if (!right) return Error{Code::malformed, "crypto.jose_header", "another algorithm or type than ours"};
  return header;
}

namespace {

Result<std::vector<Bytes>> chain_in_header(std::string_view encoded, std::string_view alg, std::string_view typ) {
  std::vector<Bytes> out;
  if (jose_is_our_header(encoded, alg, "", typ)) return out;
  auto header = TF_TRY(jose_read_header(encoded, alg, "", typ));
  if (alg == "ES256" && header.has("x5c")) {
    for (const std::string& certificate : TF_TRY(header.texts("x5c", 4, 8192))) out.push_back(TF_TRY(wire::from_base64(certificate)));
  }
  TF_CHECK(header.finish());
  return out;
}

Result<UnverifiedJws> parse(std::string_view compact, std::string_view alg, std::string_view typ) {
  const auto parts = TF_TRY(jose_parts(compact, 3));
  UnverifiedJws out;
  out.chain = TF_TRY(chain_in_header(parts[0], alg, typ));
  out.signing_input = compact.substr(0, parts[0].size() + 1 + parts[1].size());
  out.payload = TF_TRY(wire::from_base64url(parts[1]));
  out.signature = TF_TRY(wire::from_base64url(parts[2]));
  return out;
}

// Whoever signs does it for one chain all day: the header that a thread wrote last is kept.
std::string header_with_chain(std::string_view typ, const std::vector<Bytes>& chain) {
  struct Written {
    std::string typ;
    std::vector<Bytes> chain;
    std::string header;
  };
  thread_local Written last;
  if (last.header.empty() || last.typ != typ || last.chain != chain)
    last = {std::string(typ), chain, jose_header("ES256", "", typ, chain)};
  return last.header;
}

const Error kBadSignature{Code::refused, "crypto.jws", "the signature or MAC does not fit"};

}  // namespace

Result<std::string> jws_sign_es256(const PrivateKey& key, std::string_view typ, std::string_view payload,
                                   const std::vector<Bytes>& chain) {
  return jws_sign_es256([&key](ByteView data) { return sign_es256(key, data); }, typ, payload, chain);
}

Result<std::string> jws_sign_es256(const Es256Signer& sign, std::string_view typ, std::string_view payload,
                                   const std::vector<Bytes>& chain) {
  std::string out = header_with_chain(typ, chain) + "." + base64url(as_bytes(payload));
  const Es256Signature signature = TF_TRY(sign(as_bytes(out)));
  return out + "." + base64url(signature);
}

std::string jws_sign_hs256(ByteView key, std::string_view typ, std::string_view payload) {
  std::string out = jose_header("HS256", "", typ, {}) + "." + base64url(as_bytes(payload));
  const Hash256 mac = hmac_sha256(key, as_bytes(out));
  return out + "." + base64url(mac);
}

Result<UnverifiedJws> jws_parse_es256(std::string_view compact, std::string_view typ) { return parse(compact, "ES256", typ); }

Result<std::string> jws_verify_es256(const PublicKey& key, std::string_view typ, std::string_view compact) {
  const UnverifiedJws jws = TF_TRY(parse(compact, "ES256", typ));
  if (!verify_es256(key, as_bytes(jws.signing_input), jws.signature)) return kBadSignature;
  return std::string(as_text(jws.payload));
}

Result<std::string> jws_verify_hs256(ByteView key, std::string_view typ, std::string_view compact) {
  const UnverifiedJws jws = TF_TRY(parse(compact, "HS256", typ));
  if (!verify_hmac_sha256(key, as_bytes(jws.signing_input), jws.signature)) return kBadSignature;
  return std::string(as_text(jws.payload));
}

Result<std::string> jwt_sign_es256(const Es256Signer& sign, std::string_view typ, std::string_view kid, std::string_view payload) {
  wire::JsonWriter header;
  header.begin_object().member("alg", "ES256").member("typ", typ).member("kid", kid).end_object();
  std::string out = base64url(as_bytes(header.text())) + "." + base64url(as_bytes(payload));
  const Es256Signature signature = TF_TRY(sign(as_bytes(out)));
  return out + "." + base64url(signature);
}

Result<std::string> jws_kid(std::string_view compact) {
  const auto parts = TF_TRY(jose_parts(compact, 3));
  const Bytes text = TF_TRY(wire::from_base64url(parts[0]));
  auto header = TF_TRY(wire::JsonObject::parse(as_text(text), {.size = 16 * 1024, .depth = 3}));
  return header.text("kid", 64);
}

Result<std::string> jwt_verify_es256(const PublicKey& key, std::string_view typ, std::string_view kid, std::string_view compact) {
  const auto parts = TF_TRY(jose_parts(compact, 3));
  auto header = TF_TRY(jose_read_header(parts[0], "ES256", "", typ));
  if (TF_TRY(header.text("kid", 64)) != kid) return Error{Code::malformed, "crypto.jose_header", "for another key"};
  TF_CHECK(header.finish());
  const std::string_view input = compact.substr(0, parts[0].size() + 1 + parts[1].size());
  if (!verify_es256(key, as_bytes(input), TF_TRY(wire::from_base64url(parts[2])))) return kBadSignature;
  return std::string(as_text(TF_TRY(wire::from_base64url(parts[1]))));
}

std::string jwk_of(const PublicKey& key, std::string_view kid, std::string_view use, std::string_view alg) {
  wire::JsonWriter writer;
  writer.begin_object();
  if (key.kind() == KeyKind::p256) {
    const EcPoint point = key.point();
    writer.member("kty", "EC").member("crv", "P-256");
    writer.member("x", base64url(ByteView(point).subspan(1, 32))).member("y", base64url(ByteView(point).last(32)));
  } else {
    const RsaNumbers numbers = key.rsa_numbers();
    writer.member("kty", "RSA").member("n", base64url(numbers.modulus)).member("e", base64url(numbers.exponent));
  }
  writer.member("kid", kid).member("use", use);
  if (!alg.empty()) writer.member("alg", alg);
  return writer.end_object().take();
}

Result<std::vector<PublishedKey>> read_jwk_set(std::string_view text, std::string_view use) {
  auto set = TF_TRY(wire::JsonObject::parse(text));
  std::vector<PublishedKey> out;
  for (wire::JsonObject& jwk : TF_TRY(set.objects("keys", 64))) {
    const std::string kty = TF_TRY(jwk.text("kty", 8));
    if (TF_TRY(jwk.optional_text("use", 8)).value_or(std::string(use)) != use) continue;
    const std::string kid = TF_TRY(jwk.text("kid", 64));
    if (kty == "EC" && TF_TRY(jwk.text("crv", 16)) == "P-256") {
      Bytes point{4};
      append(point, TF_TRY(jwk.base64url<32>("x")));
      append(point, TF_TRY(jwk.base64url<32>("y")));
      out.push_back({kid, TF_TRY(PublicKey::from_point(point))});
    } else if (kty == "RSA") {
      out.push_back({kid, TF_TRY(PublicKey::from_rsa_numbers({TF_TRY(jwk.base64url("n", 256, 1024)), TF_TRY(jwk.base64url("e", 1, 8))}))});
    }
  }
  return out;
}

}  // namespace tf::crypto
