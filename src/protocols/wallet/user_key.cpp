#include "protocols/wallet/user_key.hpp"

#include "crypto/digest.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::wallet {
namespace {

std::string_view algorithm_of(crypto::KeyKind kind) { return kind == crypto::KeyKind::p256 ? "ES256" : "PS256"; }

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_part;
};

Result<Parts> parts_of(std::string_view compact) {
  const Error bad{Code::malformed, "wallet.jws", "not a JWS in compact form"};
  const std::size_t first = compact.find('.');
  if (first == std::string_view::npos) return bad;
  const std::size_t second = compact.find('.', first + 1);
  if (second == std::string_view::npos || compact.find('.', second + 1) != std::string_view::npos) return bad;
  return Parts{compact.substr(0, first), compact.substr(first + 1, second - first - 1), compact.substr(second + 1), compact.substr(0, second)};
}

}  // namespace

Hash256 key_thumbprint(const crypto::PublicKey& key) { return crypto::sha256(key.spki()); }

Result<std::string> sign_jws(const crypto::PrivateKey& key, std::string_view typ, std::string_view payload) {
  wire::JsonWriter header;
  header.begin_object().member("alg", algorithm_of(key.kind())).member("typ", typ).end_object();
  std::string out = wire::base64url(as_bytes(header.text())) + "." + wire::base64url(as_bytes(payload));
  const Bytes signature = TF_TRY(sign(key, as_bytes(out)));
  return out + "." + wire::base64url(signature);
}

Status check_jws(const crypto::PublicKey& key, std::string_view typ, std::string_view compact) {
  const Parts parts = TF_TRY(parts_of(compact));
  const Bytes text = TF_TRY(wire::from_base64url(parts.header));
  auto header = TF_TRY(wire::JsonObject::parse(as_text(text), {.size = 1024, .depth = 2}));
  const bool ours = TF_TRY(header.text("alg", 16)) == algorithm_of(key.kind()) && TF_TRY(header.text("typ", 64)) == typ;
  TF_CHECK(header.finish());
  if (!ours) return Error{Code::malformed, "wallet.jws", "another algorithm or type than the key's"};
  const Bytes signature = TF_TRY(wire::from_base64url(parts.signature));
  if (verify(key, as_bytes(parts.signed_part), signature)) return {};
  return Error{Code::refused, "wallet.wrong_signature", "not signed by the user's key"};
}

Result<std::string> verify_jws(const crypto::PublicKey& key, std::string_view typ, std::string_view compact) {
  TF_CHECK(check_jws(key, typ, compact));
  return unverified_payload(compact);
}

Result<std::string> unverified_payload(std::string_view compact) {
  const Bytes payload = TF_TRY(wire::from_base64url(TF_TRY(parts_of(compact)).payload));
  return std::string(as_text(payload));
}

Result<Bytes> sign(const crypto::PrivateKey& key, ByteView data) {
  if (key.kind() == crypto::KeyKind::rsa) return crypto::sign_ps256(key, data);
  const crypto::Es256Signature signature = TF_TRY(crypto::sign_es256(key, data));
  return to_bytes(signature);
}

bool verify(const crypto::PublicKey& key, ByteView data, ByteView signature) {
  return key.kind() == crypto::KeyKind::rsa ? crypto::verify_ps256(key, data, signature) : crypto::verify_es256(key, data, signature);
}

}  // namespace tf::wallet
