// S02–S04: the platform's keys, a registration.
#include "protocols/wallet/terminal.hpp"

#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "pki/request/certificate_request.hpp"
#include "protocols/wallet/user_key.hpp"

namespace tf::wallet {

Result<KnownPlatform> read_platform_keys(std::string_view body, std::string_view platform, crypto::KeyKind kind, const VerifyChain& verify) {
  const PlatformKeys keys = TF_TRY(decode_platform_keys(body));
  if (keys.platform != platform) return Error{Code::refused, "wallet.other_platform", "the keys are another platform's"};
  std::optional<std::pair<std::string, crypto::PublicKey>> encryption;
  for (const PublishedChain& one : keys.encryption) {
    crypto::PublicKey key = TF_TRY(verify(one.chain, PlatformKeyUse::encryption, keys.platform));
    if (!encryption && key.kind() == kind) encryption.emplace(one.kid, std::move(key));
  }
  std::vector<std::pair<std::string, crypto::PublicKey>> results;
  for (const PublishedChain& one : keys.results) results.emplace_back(one.kid, TF_TRY(verify(one.chain, PlatformKeyUse::results, keys.platform)));
  if (!encryption || results.empty()) return Error{Code::refused, "wallet.no_platform_key", "the platform has no key of the kind wanted"};
  return KnownPlatform{keys.platform, std::move(encryption->first), std::move(encryption->second), std::move(results)};
}

Result<RegisterUnderWay> begin_register(const KnownPlatform& platform, const Subscriber& subscriber, const Person& person, const SecretBytes& password,
                                        const RegisterOptions& options, const Challenge& challenge, Random& random) {
  TF_CHECK(check_password(password));
  RegisterUnderWay out{.options = options, .subscriber = subscriber, .nonce_p = challenge.nonce, .response_key = {}, .key = {}, .body = {}};
  random.fill(out.response_key.reveal_mutable());
  RegisterContent content;
  content.platform = platform.name;
  content.suite = options.suite;
  content.key_maker = options.key_maker;
  content.subscriber = subscriber;
  content.person = person;
  content.nonce_p = challenge.nonce;
  content.response_key = out.response_key.clone();
  if (options.key_maker == KeyMaker::phone) {
    out.key = crypto::PrivateKey::generate_p256();
    content.verifier = TF_TRY(make_verifier(password, options.cost, random));
    content.csr = TF_TRY(pki::CertificateRequest::make(subscriber.number, *out.key)).der();
  } else {
    content.password = password.clone();
  }
  const SecretBytes plain = encode(content);
  out.body = encode_jwe(TF_TRY(crypto::jwe_seal_to(platform.encryption_key, platform.encryption_kid, random, typ::registration, plain.reveal())));
  return out;
}

Result<Registered> finish_register(const RegisterUnderWay& sent, std::string_view body) {
  const Error wrong{Code::refused, "wallet.platform_answer", "not the answer to our registration"};
  const auto opened = crypto::jwe_open_dir(sent.response_key, typ::registered, TF_TRY(decode_sealed(body)));
  if (!opened) return wrong;
  Registered registered = TF_TRY(decode_registered(*opened));
  if (registered.nonce_p != sent.nonce_p) return wrong;
  return registered;
}

Result<Secret<32>> codes_of(const KnownPlatform& platform, const Registered& registered, const SecretBytes& confirmation_code,
                            const RegisterOptions& options) {
  return codes_key(platform.name, registered.registration, registered.code, confirmation_code, options.cost);
}

}  // namespace tf::wallet
