// Using the named asymmetric keys of a software vault.
#include <fmt/format.h>

#include "crypto/jose/rs256.hpp"
#include "vault/software/software_vault.hpp"
#include "vault/software/unsealed.hpp"

namespace tf::vault {
namespace {

Error no_such_key(std::string_view name) {
  return {Code::not_found, "vault.no_such_key", fmt::format("no key {}", name)};
}
Error wrong_purpose(std::string_view name, Purpose purpose) {
  return {Code::refused, "vault.wrong_purpose", fmt::format("key {} is for {}", name, name_of(purpose))};
}

}  // namespace

Result<std::shared_ptr<const software::NamedKey>> SoftwareVault::key_for(std::string_view name, crypto::KeyKind kind,
                                                                         Purpose purpose) const {
  const Snapshot vault = TF_TRY(snapshot());
  const auto found = vault->keys.find(name);
  if (found == vault->keys.end()) return no_such_key(name);
  if (found->second->purpose != purpose) return wrong_purpose(name, found->second->purpose);
  if (found->second->key.kind() != kind)
    return Error{Code::refused, "vault.wrong_kind", fmt::format("key {} is of another kind", name)};
  return found->second;
}

Result<crypto::PublicKey> SoftwareVault::public_key(std::string_view name) const {
  const Snapshot vault = TF_TRY(snapshot());
  const auto found = vault->keys.find(name);
  if (found == vault->keys.end()) return no_such_key(name);
  return found->second->public_key;
}

Result<std::vector<KeyInfo>> SoftwareVault::list() const {
  const Snapshot vault = TF_TRY(snapshot());
  std::vector<KeyInfo> out;
  for (const auto& [name, key] : vault->keys)
    out.push_back({name, key->key.kind(), key->public_key.bits(), key->purpose, key->public_key});
  return out;
}

Result<crypto::Es256Signature> SoftwareVault::sign_es256(std::string_view name, ByteView data) const {
  return TF_TRY(key_for(name, crypto::KeyKind::p256, Purpose::sign))->signer->sign_es256(data);
}

Result<Bytes> SoftwareVault::sign_ps256(std::string_view name, ByteView data) const {
  return TF_TRY(key_for(name, crypto::KeyKind::rsa, Purpose::sign))->signer->sign(data);
}

Result<Bytes> SoftwareVault::sign_rs256(std::string_view name, ByteView data) const {
  return crypto::sign_rs256(TF_TRY(key_for(name, crypto::KeyKind::rsa, Purpose::sign_legacy))->key, data);
}

Result<SecretBytes> SoftwareVault::oaep_decrypt(std::string_view name, ByteView ciphertext) const {
  return crypto::oaep_decrypt(TF_TRY(key_for(name, crypto::KeyKind::rsa, Purpose::decrypt))->key, ciphertext);
}

Result<Secret<32>> SoftwareVault::ecdh_p256(std::string_view name, const crypto::PublicKey& peer) const {
  return crypto::ecdh_p256(TF_TRY(key_for(name, crypto::KeyKind::p256, Purpose::agree))->key, peer);
}

Result<crypto::PrivateKey> SoftwareVault::signing_handle(std::string_view name) const {
  const Snapshot vault = TF_TRY(snapshot());
  const auto found = vault->keys.find(name);
  if (found == vault->keys.end()) return no_such_key(name);
  const Purpose purpose = found->second->purpose;
  if (purpose != Purpose::certificate && purpose != Purpose::tls) return wrong_purpose(name, purpose);
  return found->second->key;
}

}  // namespace tf::vault
