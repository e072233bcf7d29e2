// 3, second half, to 12: request, release, READY, envelope, receipt.
#include <algorithm>

#include "protocols/onboard/credentialing_steps.hpp"
#include "protocols/onboard/envelope.hpp"
#include "protocols/onboard/identity.hpp"

namespace tf::onboard {
namespace {

// The JWS of the request is by the module that said hello, in this session, and knows the nonce.
Status check_request(const OpenedRequest& request, const Session& session, const Registration& registration) {
  const auto payload = crypto::jws_verify_es256(TF_TRY(session.signing.leaf.public_key()), typ::request, request.request.request);
  if (!payload) return refused("onboard.signature", describe(payload.error()));
  const RequestClaim claim = TF_TRY(decode_request_claim(*payload));
  // The transcript has the nonce's hash in it: another nonce shows there already.
  const Hash256 expected = session_nonce(registration.nonce, session.transcript);
  if (claim.transcript != session.transcript || !equal_in_constant_time(claim.session_nonce, expected))
    return refused("onboard.session_nonce", "the request is for another session or knows another registration nonce");
  return {};
}

Status check_same_device(const Registration& registration, const Session& session) {
  if (registration.state == RegistrationState::released && registration.device != session.device)
    return refused("onboard.used_by_other", "another module has this registration");
  return {};
}

SecretBytes password(Random& random) {
  std::string text = wire::base64url(random.array<16>());
  SecretBytes out{as_bytes(text)};
  wipe(text.data(), text.size());
  return out;
}

CredentialsRequest wanted_of(const Registration& registration, const Session& session) {
  return {registration.dsim_id, session.device, nonce_hash(registration.nonce), session.decryption_chain, registration.plan, registration.expires_ms};
}

void add_transcript(Registration& registration, const Hash256& transcript) {
  if (registration.transcripts.size() == kMaxTranscripts) registration.transcripts.erase(registration.transcripts.begin());
  registration.transcripts.push_back(transcript);
}

}  // namespace

Result<OpenedRequest> open_request(std::string_view body) { return OpenedRequest{TF_TRY(decode_request(body))}; }

Result<Step> prove(const OpenedRequest& request, const Session* session, const DeviceSnapshot& snapshot, const CredentialingPorts& ports) {
  const std::int64_t now = ports.clock.now_ms();
  if (session == nullptr || session->id != request.request.session) return refused("onboard.session", "no such session");
  Step out;
  out.writes.session_used = session->id;
  const auto refuse = [&](Error error) {
    out.refusal = std::move(error);
    return std::move(out);
  };
  if (now >= session->expires_ms) return refuse(refused("onboard.session_expired", "the session is too old"));
  if (const Status open = check_open(snapshot.registration, now); !open) return refuse(open.error());
  const Registration& registration = *snapshot.registration;
  if (registration.id != session->registration) return refuse(refused("onboard.session", "the session is of another registration"));
  if (const Status fits = check_request(request, *session, registration); !fits) {
    if (std::string_view(fits.error().reason) != "onboard.session_nonce") return refuse(fits.error());
    Step alarm = alarmed(AlarmKind::nonce_wrong, registration, "onboard.request", fits.error());
    alarm.writes.session_used = session->id;
    return alarm;
  }
  out.proved = Proved{*session, {session->signing, session->decryption}};
  return out;
}

Result<Step> release(const Proved& proved, const std::vector<Outcome>& outcomes, const DeviceSnapshot& snapshot,
                     const std::optional<CredentialsAnswer>& answer, const CredentialingPorts& ports) {
  const Session& session = proved.session;
  TF_CHECK(check_open(snapshot.registration, ports.clock.now_ms()));
  const Registration& registration = *snapshot.registration;
  for (const Shown* shown : {&session.signing, &session.decryption}) {
    const Status good = require_good(outcomes, shown->leaf);
    if (good) continue;
    if (std::string_view(good.error().reason) != "ocsp.revoked") return good.error();
    return alarmed(AlarmKind::revoked, registration, "onboard.request", good.error());
  }
  if (const Status same = check_same_device(registration, session); !same)
    return alarmed(AlarmKind::used_by_other, registration, "onboard.request", same.error());
  Step out;
  Registration to = registration.clone();
  if (registration.state == RegistrationState::registered) {
    if (!answer) {
      out.credentials = wanted_of(registration, session);
      return out;
    }
    TF_CHECK(check_envelope_for(*answer, wanted_of(registration, session), ports.operator_id, ports.verifier, ports.clock.now_ms()));
    to.state = RegistrationState::released;
    to.device = session.device;
    to.envelope = answer->envelope;
    to.envelope_hash = envelope_hash(answer->envelope);
    to.signing = session.signing.leaf.der();
  }
  add_transcript(to, session.transcript);
  audit(out.writes, "onboard.release", to, registration.state == RegistrationState::registered ? "released" : "the same again");
  Delivery delivery{registration.id, registration.dsim_id, {}, ports.own_url, std::nullopt, {}};
  out.released = Released{registration.dsim_id, session.transcript, to.envelope_hash, TF_TRY(session.decryption.leaf.public_key()), std::move(delivery)};
  out.writes.changed = update_of(registration, std::move(to));
  return out;
}

Account new_account(std::string_view delivery, std::string_view server_id, Random& random) {
  return {account_user(delivery, server_id), password(random), password(random), random.array<16>(), random.array<16>()};
}

Result<std::string> ready(const Released& released, const std::vector<Provisioning>& provisioning, const CredentialingPorts& ports) {
  if (provisioning.empty()) return Error{Code::unavailable, "onboard.no_provisioning", "no provisioning server took the delivery"};
  ReadyClaim claim{released.transcript, released.envelope_hash, released.delivery.delivery, {}, {}};
  std::vector<Account> accounts;
  for (const Provisioning& each : provisioning) {
    claim.provisioning.push_back(each.server);
    accounts.push_back(each.account.clone());
  }
  claim.accounts = TF_TRY(crypto::jwe_seal_to(released.module_key, released.dsim_id, ports.random, typ::accounts, encode(accounts).reveal()));
  return encode_ready(TF_TRY(crypto::jws_sign_es256(ports.signer.sign, typ::ready, encode(claim), ports.signer.chain)));
}

Result<std::string> open_envelope_request(std::string_view body) { return decode_envelope_request(body); }

Result<std::string> hand_over(const DeviceSnapshot& snapshot, bool told, const CredentialingPorts& ports) {
  TF_CHECK(check_open(snapshot.registration, ports.clock.now_ms()));
  if (snapshot.registration->state != RegistrationState::released) return refused("onboard.not_released", "there is no envelope yet");
  if (!told) return refused("onboard.other_provisioning", "the delivery is not for this provisioning server");
  return encode_envelope(snapshot.registration->envelope);
}

Result<OpenedReceipt> open_receipt(std::string_view body) {
  OpenedReceipt out;
  out.jws = TF_TRY(decode_receipt(body));
  out.claim = TF_TRY(decode_receipt_claim(as_text(TF_TRY(crypto::jws_parse_es256(out.jws, typ::receipt)).payload)));
  return out;
}

Result<Step> receive_receipt(const OpenedReceipt& receipt, const DeviceSnapshot& snapshot, const CredentialingPorts& ports) {
  if (!snapshot.registration || snapshot.registration->id != receipt.claim.delivery) return refused("onboard.unregistered", "no such delivery");
  const Registration& registration = *snapshot.registration;
  if (registration.signing.empty()) return refused("onboard.not_released", "nothing was delivered");
  const auto module = TF_TRY(ports.verifier.parsed(registration.signing));
  if (const auto payload = crypto::jws_verify_es256(TF_TRY(module.public_key()), typ::receipt, receipt.jws); !payload)
    return refused("onboard.signature", describe(payload.error()));
  const bool ours = std::ranges::find(registration.transcripts, receipt.claim.transcript) != registration.transcripts.end();
  if (!ours || receipt.claim.envelope_hash != registration.envelope_hash)
    return alarmed(AlarmKind::receipt_wrong, registration, "onboard.receipt", refused("onboard.receipt", "the receipt is of another release"));
  Step out;
  out.reply = encode_result("closed");
  // The device has it, whatever happened to the registration meanwhile. Late is early enough; what was withdrawn is suspended and stays so.
  if (registration.state != RegistrationState::released && registration.state != RegistrationState::expired) return out;
  Registration to = registration.clone();
  to.state = RegistrationState::closed;
  to.envelope.clear();
  audit(out.writes, "onboard.receipt", to, "closed");
  out.writes.take_back = RemovalRow{registration.dsim_id, nonce_hash(registration.nonce)};
  out.writes.changed = update_of(registration, std::move(to));
  return out;
}

}  // namespace tf::onboard
