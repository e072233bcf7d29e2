// S07: both codes, the proof of the key, and only then a certificate.
#include "crypto/digest.hpp"
#include "protocols/wallet/platform_steps.hpp"
#include "protocols/wallet/user_key.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::wallet {
namespace {

Hash256 thumbprint_of(const Registration& registration) { return crypto::sha256(registration.spki); }

// Empty for a key that the platform has yet to make.
Bytes key_thumbprint_of(const Registration& registration) {
  return registration.key_maker == KeyMaker::phone ? to_bytes(thumbprint_of(registration)) : Bytes();
}

Activating activating(const Registration& registration, const ActivateContent& content, ByteView thumbprint) {
  return {content.platform, registration.id, registration.subscriber.number, thumbprint, content.nonce_p};
}

Status check_state(const Registration& registration, std::int64_t now) {
  using enum RegistrationState;
  switch (registration.state) {
    case codes_sent:
    case waiting:
    case proved:
      if (now >= registration.ends_ms) return refused("wallet.codes_expired", "the codes are too old");
      return {};
    case preparing: return {};
    case active:
      if (registration.used) return refused("wallet.codes_used", "the registration is active and was used");
      return {};
    case locked: return refused("wallet.codes_locked", "too many wrong codes");
    case superseded:
    case expired:
    case closed: break;
  }
  return refused("wallet.no_registration", "the registration has ended");
}

Status check_proof(const Registration& registration, const ActivateContent& content, ByteView fields) {
  if (registration.key_maker == KeyMaker::platform) {
    if (content.proof.empty()) return {};
    return refused("wallet.wrong_proof", "a proof of a key that is not there yet");
  }
  const auto key = TF_TRY(crypto::PublicKey::from_spki(registration.spki));
  const auto payload = verify_jws(key, typ::proof, content.proof);
  if (!payload) return refused("wallet.wrong_proof", "not signed by the key that was registered");
  auto object = TF_TRY(wire::JsonObject::parse(*payload));
  const auto digest = TF_TRY(object.base64url<32>("digest"));
  TF_CHECK(object.finish());
  if (digest == crypto::sha256(fields)) return {};
  return refused("wallet.wrong_proof", "the proof is of another activation");
}

// Counted durably, before anybody is told.
Step wrong_codes(const OpenedActivate& request, const Registration& registration, const Policy& policy) {
  Registration to = registration.clone();
  to.tries += 1;
  Step out;
  out.writes.once.push_back(request.once);
  out.refusal = refused("wallet.wrong_codes", "wrong codes, try " + std::to_string(to.tries));
  if (to.tries >= policy.code_tries) {
    to.state = RegistrationState::locked;
    out.writes.alarm = Alarm{AlarmKind::codes_locked, registration.id, registration.subscriber.number};
    out.refusal = refused("wallet.codes_locked", "too many wrong codes");
  }
  out.writes.action = "wallet.activate";
  out.writes.subject = registration.id;
  out.writes.detail = detail_of(registration, "wrong codes");
  out.writes.changed = update_of(registration, std::move(to));
  return out;
}

Result<std::string> answer_with(const Registration& registration, const ActivateContent& content, ByteView certificate, const PlatformPorts& ports) {
  const Bytes thumbprint = key_thumbprint_of(registration);
  const auto key = TF_TRY(derived(registration.codes, codes_row(registration.id), registration.id, label::activate_answer, ports));
  const Bytes fields = activating_fields(label::activate_answer, activating(registration, content, thumbprint), certificate);
  return encode(ActivateAnswer{to_bytes(certificate), crypto::hmac_sha256(key.reveal(), fields)});
}

// The codes are right. What has happened already is told again; else it happens now.
Result<Step> proved(const OpenedActivate& request, const Registration& registration, const PlatformPorts& ports) {
  Step out;
  out.writes.once.push_back(request.once);
  const bool platform_key = registration.key_maker == KeyMaker::platform;
  if (registration.state == RegistrationState::active || registration.state == RegistrationState::preparing) {
    // Made by the platform, the certificate comes inside the file.
    out.reply = TF_TRY(answer_with(registration, request.content, platform_key ? ByteView() : ByteView(registration.certificate), ports));
    if (registration.state == RegistrationState::preparing) out.file = FileWanted{registration.id};
    return out;
  }
  Registration to = registration.clone();
  to.state = platform_key ? RegistrationState::preparing : RegistrationState::proved;
  if (platform_key) {
    out.reply = TF_TRY(answer_with(registration, request.content, {}, ports));
    out.file = FileWanted{registration.id};
  } else {
    out.certificate = CertificateWanted{registration.id, registration.subscriber.number, registration.spki, registration.csr};
  }
  out.writes.action = "wallet.activate";
  out.writes.subject = registration.id;
  out.writes.detail = detail_of(registration, "codes right");
  out.writes.changed = update_of(registration, std::move(to));
  return out;
}

}  // namespace

bool bound_otherwise(const ActivateSnapshot& snapshot) {
  return snapshot.active && *snapshot.active != snapshot.registration->id && !snapshot.approved;
}

Step waiting(const Registration& registration, const Policy& policy, std::int64_t now) {
  Registration to = registration.clone();
  to.state = RegistrationState::waiting;
  if (registration.state != RegistrationState::waiting) to.ends_ms = now + policy.approval_hours * 3'600'000;
  Step out;
  out.writes.alarm = Alarm{AlarmKind::number_bound_otherwise, registration.id, registration.subscriber.number};
  out.refusal = refused("wallet.bound_otherwise", "the number has an active registration: waits for an operator");
  out.writes.action = "wallet.activate";
  out.writes.subject = registration.id;
  out.writes.detail = detail_of(registration, "waits for approval");
  out.writes.changed = update_of(registration, std::move(to));
  return out;
}

void take_over(const ActivateSnapshot& snapshot, Writes& writes) {
  if (!snapshot.active || *snapshot.active == snapshot.registration->id) return;
  writes.superseded.push_back(*snapshot.active);
  writes.used_approval = snapshot.registration->id;
}

Result<OpenedActivate> open_activate(std::string_view body, const PlatformPorts& ports) {
  const std::string jwe = TF_TRY(decode_jwe(body));
  OpenedActivate out{TF_TRY(decode_activate_content(TF_TRY(open_jwe(jwe, typ::activate, ports)))), {}};
  TF_CHECK(check_platform(out.content.platform, ports));
  out.once = TF_TRY(open_challenge(out.content.nonce_p, ChallengePurpose::activate, ports));
  return out;
}

Result<Step> activate(const OpenedActivate& request, const ActivateSnapshot& snapshot, const PlatformPorts& ports) {
  if (!snapshot.registration) return refused("wallet.no_registration", "no such registration");
  const Registration& registration = *snapshot.registration;
  const std::int64_t now = ports.clock.now_ms();
  TF_CHECK(check_state(registration, now));
  const Bytes thumbprint = key_thumbprint_of(registration);
  const Bytes fields = activating_fields(label::activate_request, activating(registration, request.content, thumbprint));
  // Whoever has not the key does not get to guess codes.
  TF_CHECK(check_proof(registration, request.content, fields));
  const auto key = TF_TRY(derived(registration.codes, codes_row(registration.id), registration.id, label::activate_request, ports));
  if (!crypto::verify_hmac_sha256(key.reveal(), fields, request.content.mac)) return wrong_codes(request, registration, snapshot.policy);
  if (!bound_otherwise(snapshot)) return proved(request, registration, ports);
  Step out = waiting(registration, snapshot.policy, now);
  out.writes.once.push_back(request.once);
  return out;
}

Result<Step> finish_activate(const OpenedActivate& request, const ActivateSnapshot& snapshot, const pki::Certificate& certificate,
                             const PlatformPorts& ports) {
  if (!snapshot.registration) return refused("wallet.no_registration", "no such registration");
  const Registration& registration = *snapshot.registration;
  const bool expected = registration.state == RegistrationState::proved || registration.state == RegistrationState::active;
  if (!expected || registration.key_maker != KeyMaker::phone) return Error{Code::conflict, "wallet.not_proved", "the registration is not proved"};
  if (TF_TRY(certificate.public_key()).spki() != registration.spki || certificate.common_name() != registration.subscriber.number)
    return Error{Code::integrity, "wallet.other_certificate", "the CA's answer is for another key or number"};
  Step out;
  if (registration.state == RegistrationState::active) {  // another request of the same phone was quicker
    out.reply = TF_TRY(answer_with(registration, request.content, registration.certificate, ports));
    return out;
  }
  if (bound_otherwise(snapshot)) return waiting(registration, snapshot.policy, ports.clock.now_ms());
  Registration to = registration.clone();
  to.state = RegistrationState::active;
  to.certificate = certificate.der();
  to.thumbprint = certificate.fingerprint();
  to.csr.clear();
  out.reply = TF_TRY(answer_with(registration, request.content, certificate.der(), ports));
  take_over(snapshot, out.writes);
  out.writes.action = "wallet.activated";
  out.writes.subject = registration.id;
  out.writes.detail = detail_of(registration, "active");
  out.writes.changed = update_of(registration, std::move(to));
  return out;
}

}  // namespace tf::wallet
