// S34–S39, both suites.
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/wallet/terminal.hpp"
#include "protocols/wallet/user_key.hpp"

namespace tf::wallet {
namespace {

const Error kWrong{Code::refused, "wallet.platform_answer", "not sealed by the platform we asked"};

Result<std::string> sealed_to(const KnownPlatform& platform, Random& random, std::string_view typ, ByteView plain) {
  return crypto::jwe_seal_to(platform.encryption_key, platform.encryption_kid, random, typ, plain);
}

Result<std::string> modern_login(const KnownPlatform& platform, const Subscriber& subscriber, const UserKey& user, const SecretBytes& password,
                                 std::int64_t now_ms, Random& random, LoginUnderWay& sent) {
  sent.ephemeral = crypto::PrivateKey::generate_p256();
  LoginClaim claim{.platform = platform.name, .certificate = user.certificate.fingerprint(), .number = subscriber.number, .nonce_p = sent.nonce_p,
                   .r = sent.r.clone(), .ephemeral = sent.ephemeral->public_key().point(), .time_ms = now_ms};
  std::string payload = encode(claim);
  const LoginContent content{TF_TRY(sign_jws(user.key, typ::login_claim, payload)), password.clone()};
  wipe(payload.data(), payload.size());
  LoginRequest request;
  request.jwe = TF_TRY(sealed_to(platform, random, typ::login, encode(content).reveal()));
  return encode(request);
}

Result<std::string> classic_login(const KnownPlatform& platform, const Subscriber& subscriber, const UserKey& user, const SecretBytes& password,
                                  std::int64_t now_ms, Random& random, const LoginUnderWay& sent) {
  LoginRequest request;
  request.suite = Suite::classic;
  request.classic.signature = TF_TRY(sign(user.key, classic_login_fields(sent.r, platform.name, subscriber.number, password, now_ms)));
  const ClassicLoginContent content{subscriber.number, password.clone(), now_ms, request.classic.signature};
  request.classic.c1 = crypto::jwe_seal_dir(derive(sent.r, platform.name, label::login_seal), random, typ::login_claim, encode(content).reveal());
  request.classic.c2 = TF_TRY(sealed_to(platform, random, typ::login, sent.r.reveal()));
  return encode(request);
}

Result<SecretBytes> opened(const LoginAnswer& answer, const LoginUnderWay& sent, const UserKey& user, const SessionBinding& binding) {
  if (sent.suite == Suite::modern) {
    const auto platform_point = TF_TRY(crypto::PublicKey::from_point(answer.ephemeral));
    const Secret<32> seal = session_seal_key(sent.r, TF_TRY(crypto::ecdh_p256(*sent.ephemeral, platform_point)), binding);
    return crypto::jwe_open_dir(seal, typ::session, answer.sealed);
  }
  const crypto::JweRecipient recipient{
      .kind = user.key.kind(),
      .agree = [&](const crypto::PublicKey& peer) { return crypto::ecdh_p256(user.key, peer); },
      .decrypt = [&](ByteView wrapped) { return crypto::oaep_decrypt(user.key, wrapped); }};
  return crypto::jwe_open(recipient, "", typ::session, answer.sealed);
}

}  // namespace

Result<LoginUnderWay> begin_login(const KnownPlatform& platform, Suite suite, const Subscriber& subscriber, const UserKey& user, const SecretBytes& password,
                                  const Challenge& challenge, std::int64_t now_ms, Random& random) {
  const bool modern = suite == Suite::modern;
  LoginUnderWay out{.suite = suite, .r = {}, .ephemeral = {}, .nonce_p = modern ? challenge.nonce : std::string(), .body = {}};
  random.fill(out.r.reveal_mutable());
  out.body = TF_TRY(modern ? modern_login(platform, subscriber, user, password, now_ms, random, out)
                           : classic_login(platform, subscriber, user, password, now_ms, random, out));
  return out;
}

Result<PhoneSession> finish_login(const KnownPlatform& platform, const Subscriber& subscriber, const UserKey& user, const LoginUnderWay& sent,
                                  std::string_view body) {
  const LoginAnswer answer = TF_TRY(decode_login_answer(body));
  if (answer.suite != sent.suite) return kWrong;
  const Hash256 thumbprint = user.certificate.fingerprint();
  const auto phone_point = sent.ephemeral ? to_bytes(sent.ephemeral->public_key().point()) : Bytes();
  const auto platform_point = sent.ephemeral ? to_bytes(answer.ephemeral) : Bytes();
  const SessionBinding binding{platform.name, subscriber.number, thumbprint, sent.nonce_p, phone_point, platform_point};
  const auto plain = opened(answer, sent, user, binding);
  if (!plain) return kWrong;
  SessionContent content = TF_TRY(decode_session_content(*plain));
  const Hash256 digest = session_digest(sent.r, binding, content.session, content.message_key.reveal(), content.pin_key.reveal());
  if (!equal_in_constant_time(digest, content.digest)) return kWrong;
  return PhoneSession{.suite = sent.suite, .id = std::move(content.session), .number = subscriber.number, .certificate = thumbprint,
                      .message_key = std::move(content.message_key), .pin_key = SecretBytes(content.pin_key.reveal()),
                      .expires_in_s = content.expires_in_s};
}

}  // namespace tf::wallet
