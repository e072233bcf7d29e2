// S04–S06, the stated way: the platform makes key and file, and the phone fetches it.
#include "crypto/digest.hpp"
#include "protocols/wallet/certificate_file.hpp"
#include "protocols/wallet/platform_steps.hpp"

namespace tf::wallet {

Result<Step> make_file(const ActivateSnapshot& snapshot, const crypto::PrivateKey& key, const pki::Certificate& certificate, const PlatformPorts& ports) {
  if (!snapshot.registration || snapshot.registration->state != RegistrationState::preparing)
    return Error{Code::conflict, "wallet.not_preparing", "no file is to be made"};
  const Registration& registration = *snapshot.registration;
  if (TF_TRY(certificate.public_key()).spki() != key.public_key().spki() || certificate.common_name() != registration.subscriber.number)
    return Error{Code::integrity, "wallet.other_certificate", "the CA's answer is for another key or number"};
  if (bound_otherwise(snapshot)) return waiting(registration, snapshot.policy, ports.clock.now_ms());
  const auto encryption = TF_TRY(derived(registration.info3, info3_row(registration.id), registration.subscriber.number, label::file_encryption, ports));
  const auto mac = TF_TRY(derived(registration.codes, codes_row(registration.id), registration.id, label::file_mac, ports));
  Registration to = registration.clone();
  to.file = TF_TRY(make_certificate_file(key, certificate, {as_password(encryption), as_password(mac)}, snapshot.policy.file_iterations));
  to.state = RegistrationState::active;
  to.spki = key.public_key().spki();
  to.certificate = certificate.der();
  to.thumbprint = certificate.fingerprint();
  to.info3 = {};
  Step out;
  take_over(snapshot, out.writes);
  out.writes.action = "wallet.activated";
  out.writes.subject = registration.id;
  out.writes.detail = detail_of(registration, "active");
  out.writes.changed = update_of(registration, std::move(to));
  return out;
}

Result<OpenedFileRequest> open_file_request(std::string_view body, const PlatformPorts& ports) {
  OpenedFileRequest out{TF_TRY(decode_file_request(body)), {}};
  out.once = TF_TRY(open_challenge(out.request.nonce_p, ChallengePurpose::activate, ports));
  return out;
}

Result<Step> file_answer(const OpenedFileRequest& request, const ActivateSnapshot& snapshot, const PlatformPorts& ports) {
  const auto& registration = snapshot.registration;
  const bool there = registration && registration->key_maker == KeyMaker::platform && !registration->used &&
                     (registration->state == RegistrationState::preparing || registration->state == RegistrationState::active);
  if (!there) return refused("wallet.no_file", "no file waits under this registration");
  const Activating what{ports.platform, registration->id, registration->subscriber.number, {}, request.request.nonce_p};
  const auto key = TF_TRY(derived(registration->codes, codes_row(registration->id), registration->id, label::file_request, ports));
  // Only a phone that had both codes right comes here, so this is no place to guess them; a wrong MAC is not counted.
  if (!crypto::verify_hmac_sha256(key.reveal(), activating_fields(label::file_request, what), request.request.mac))
    return refused("wallet.wrong_codes", "not asked by who knows both codes");
  const auto answer = TF_TRY(derived(registration->codes, codes_row(registration->id), registration->id, label::file_answer, ports));
  Step out;
  out.reply = encode(FileAnswer{registration->file, crypto::hmac_sha256(answer.reveal(), activating_fields(label::file_answer, what, registration->file))});
  out.writes.once.push_back(request.once);
  if (registration->state == RegistrationState::preparing) out.file = FileWanted{registration->id};
  return out;
}

}  // namespace tf::wallet
