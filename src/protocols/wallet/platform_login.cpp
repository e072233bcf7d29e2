// S36–S38: whose key, whose password, and the keys of a session.
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/common/identifier.hpp"
#include "protocols/wallet/platform_steps.hpp"
#include "protocols/wallet/user_key.hpp"

namespace tf::wallet {

Status check_user(const std::optional<Registration>& user, Suite suite) {
  if (!user || user->state != RegistrationState::active) return refused("wallet.no_user", "the number has no active registration");
  if (user->suite != suite) return refused("wallet.suite", "the user's suite is " + std::string(name_of(user->suite)));
  return {};
}

Result<pki::Certificate> certificate_of(const Registration& user, const PlatformPorts& ports) {
  pki::Certificate certificate = TF_TRY(pki::Certificate::from_der(user.certificate));
  TF_CHECK(ports.check_certificate(certificate));
  return certificate;
}

Result<NewSession> make_session(const Registration& user, const Policy& policy, const PlatformPorts& ports) {
  pki::Certificate certificate = TF_TRY(pki::Certificate::from_der(user.certificate));
  crypto::PublicKey key = TF_TRY(certificate.public_key());
  SessionContent content;
  content.session = protocols::new_id(ports.random);
  ports.random.fill(content.message_key.reveal_mutable());
  ports.random.fill(content.pin_key.reveal_mutable());
  content.expires_in_s = policy.session_minutes * 60;
  auto message = TF_TRY(ports.vault.wrap(SecretBytes(content.message_key.reveal()), derive_spec(), message_key_row(content.session)));
  auto pin = TF_TRY(ports.keep_pin_key(SecretBytes(content.pin_key.reveal()), pin_key_row(content.session)));
  return NewSession{Session{.id = content.session, .registration = user.id, .suite = user.suite, .number = user.subscriber.number,
                            .thumbprint = user.thumbprint, .key = std::move(key), .certificate = std::move(certificate),
                            .message_key = std::move(message.wrapped), .pin_key = std::move(pin),
                            .expires_ms = ports.clock.now_ms() + content.expires_in_s * 1000},
                    std::move(content)};
}

namespace {

Step wrong_password(const OpenedLogin& request, const Registration& user, const Policy& policy, std::int64_t now) {
  Registration to = user.clone();
  to.failures += 1;
  Step out;
  out.writes.once.push_back(request.once);
  out.refusal = refused("wallet.wrong_password", "wrong password, try " + std::to_string(to.failures));
  if (to.failures >= policy.password_tries) {
    to.locked_until_ms = policy.lock_minutes == 0 ? INT64_MAX : now + policy.lock_minutes * 60'000;
    to.failures = 0;  // when the lock ends, it begins anew
    out.writes.alarm = Alarm{AlarmKind::password_locked, user.id, user.subscriber.number};
    out.refusal = refused("wallet.password_locked", "too many wrong passwords");
  }
  out.writes.action = "wallet.login";
  out.writes.subject = user.id;
  out.writes.detail = detail_of(user, "wrong password");
  out.writes.changed = update_of(user, std::move(to));
  return out;
}

}  // namespace

Result<Step> with_password(const OpenedLogin& request, const LoginSnapshot& snapshot, const PlatformPorts& ports) {
  const Registration& user = *snapshot.user;
  const std::int64_t now = ports.clock.now_ms();
  if (now < user.locked_until_ms) return refused("wallet.password_locked", "too many wrong passwords");
  if (!TF_TRY(verifies(user.verifier, request.password, snapshot.policy.cost))) return wrong_password(request, user, snapshot.policy, now);
  Registration to = user.clone();
  to.failures = 0;
  to.locked_until_ms = 0;
  to.used = true;
  to.file.clear();
  to.codes = {};
  Step out;
  out.writes.once.push_back(request.once);
  out.writes.action = "wallet.login";
  out.writes.subject = user.id;
  out.writes.detail = detail_of(user, "ok");
  if (!user.used || user.failures != 0 || user.locked_until_ms != 0) out.writes.changed = update_of(user, std::move(to));
  return out;
}

Result<OpenedLogin> open_login_modern(const LoginRequest& request, const PlatformPorts& ports) {
  OpenedLogin out;
  LoginContent content = TF_TRY(decode_login_content(TF_TRY(open_jwe(request.jwe, typ::login, ports))));
  out.claim = TF_TRY(decode_login_claim(TF_TRY(unverified_payload(content.jws))));
  TF_CHECK(check_platform(out.claim.platform, ports));
  out.once = TF_TRY(open_challenge(out.claim.nonce_p, ChallengePurpose::login, ports));
  out.number = out.claim.number;
  out.r = out.claim.r.clone();
  out.jws = std::move(content.jws);
  out.password = std::move(content.password);
  return out;
}

Result<Step> login_modern(const OpenedLogin& request, const LoginSnapshot& snapshot, const PlatformPorts& ports) {
  const Registration& user = *snapshot.user;
  const pki::Certificate certificate = TF_TRY(certificate_of(user, ports));
  if (request.claim.certificate != user.thumbprint) return refused("wallet.other_certificate", "signed for another certificate than the active one");
  TF_TRY(verify_jws(TF_TRY(certificate.public_key()), typ::login_claim, request.jws));
  const auto phone_point = crypto::PublicKey::from_point(request.claim.ephemeral);
  if (!phone_point) return phone_point.error();
  Step out = TF_TRY(with_password(request, snapshot, ports));
  if (out.refusal) return out;
  NewSession made = TF_TRY(make_session(user, snapshot.policy, ports));
  const auto ephemeral = crypto::PrivateKey::generate_p256();
  LoginAnswer answer{Suite::modern, ephemeral.public_key().point(), {}};
  const SessionBinding binding{ports.platform, request.number, user.thumbprint, request.claim.nonce_p, request.claim.ephemeral, answer.ephemeral};
  made.content.digest = session_digest(request.r, binding, made.content.session, made.content.message_key.reveal(), made.content.pin_key.reveal());
  const Secret<32> seal = session_seal_key(request.r, TF_TRY(crypto::ecdh_p256(ephemeral, *phone_point)), binding);
  answer.sealed = crypto::jwe_seal_dir(seal, ports.random, typ::session, encode(made.content).reveal());
  out.reply = encode(answer);
  out.writes.session = std::move(made.session);
  return out;
}

Result<OpenedLogin> open_login(std::string_view body, const PlatformPorts& ports) {
  const LoginRequest request = TF_TRY(decode_login_request(body));
  return request.suite == Suite::modern ? open_login_modern(request, ports) : open_login_classic(request, ports);
}

Result<Step> login(const OpenedLogin& request, const LoginSnapshot& snapshot, const PlatformPorts& ports) {
  TF_CHECK(check_suite(snapshot.policy, request.suite));
  TF_CHECK(check_user(snapshot.user, request.suite));
  return request.suite == Suite::modern ? login_modern(request, snapshot, ports) : login_classic(request, snapshot, ports);
}

}  // namespace tf::wallet
