// 0a, 0b, 3: subscriptions and hello; the ends of a registration.
#include "protocols/onboard/credentialing.hpp"

#include "protocols/onboard/credentialing_steps.hpp"

namespace tf::onboard {
namespace {

bool is_live(const Registration& registration, std::int64_t now_ms) {
  const bool open = registration.state == RegistrationState::registered || registration.state == RegistrationState::released;
  return open && now_ms < registration.expires_ms;
}

// dh of the chains that a contract pins, once they are certificates of this module's.
Result<std::optional<Hash256>> pin_of(const Subscription& row, const CredentialingPorts& ports) {
  if (row.signing.empty() && row.decryption.empty()) return std::optional<Hash256>();
  const std::int64_t now = ports.clock.now_ms();
  const Shown signing = TF_TRY(ports.verifier.verify_module(row.signing, pki::Usage::onboard_module, row.dsim_id, now));
  const Shown decryption = TF_TRY(ports.verifier.verify_module(row.decryption, pki::Usage::onboard_module_decryption, row.dsim_id, now));
  return std::optional(device_hash(signing.leaf.der(), decryption.leaf.der()));
}

bool was_released(const Registration& registration) { return !registration.signing.empty(); }

Step ended(const Registration& registration, RegistrationState state, std::string_view action) {
  Step out;
  Registration to = registration.clone();
  to.state = state;
  to.envelope.clear();
  const Hash256 rh = nonce_hash(registration.nonce);
  out.writes.take_back = RemovalRow{registration.dsim_id, rh};
  // What was released and ran out may be in a module: its receipt may come yet. All else is nobody's, also what the HSS made for a release that did not stand.
  if (state == RegistrationState::withdrawn || !was_released(registration))
    out.writes.suspend = SuspendRequest{registration.dsim_id, rh};
  audit(out.writes, action, to, "ok");
  out.writes.changed = update_of(registration, std::move(to));
  return out;
}

// What becomes of the one before. A credential that left and whose receipt never came may be in some module: it ends with the new contract, so
// that there are never two. Otherwise perhaps its time was over, and nobody had looked since.
std::optional<Step> superseded(const Registration& registration, std::int64_t now_ms) {
  const bool open = registration.state == RegistrationState::released || registration.state == RegistrationState::expired;
  if (open && was_released(registration)) return ended(registration, RegistrationState::withdrawn, "onboard.withdraw");
  return expire(registration, now_ms);
}

}  // namespace

Status check_open(const std::optional<Registration>& registration, std::int64_t now_ms) {
  if (!registration) return refused("onboard.unregistered", "nobody registered this device");
  switch (registration->state) {
    case RegistrationState::closed: return refused("onboard.closed", "the credential is delivered");
    case RegistrationState::expired: return refused("onboard.expired", "the registration has expired");
    case RegistrationState::withdrawn: return refused("onboard.withdrawn", "an operator withdrew the registration");
    case RegistrationState::registered:
    case RegistrationState::released: break;
  }
  return now_ms < registration->expires_ms ? Status() : Status(refused("onboard.expired", "the registration has expired"));
}

Result<Step> subscribe(const Subscription& row, const std::optional<Registration>& newest, const CredentialingPorts& ports) {
  const std::int64_t now = ports.clock.now_ms();
  if (newest && is_live(*newest, now)) return refused("onboard.already_registered", row.dsim_id + " has a subscription under way");
  Registration made;
  made.pinned = TF_TRY(pin_of(row, ports));
  made.id = new_id(ports.random);
  made.dsim_id = row.dsim_id;
  made.owner = row.owner;
  made.plan = row.plan;
  ports.random.fill(made.nonce.reveal_mutable());
  made.created_ms = now;
  made.expires_ms = now + ports.registration_ms;
  Step out;
  audit(out.writes, "onboard.subscribe", made, "ok");
  if (newest)
    if (auto over = superseded(*newest, now)) {
      out.writes.changed = std::move(over->writes.changed);
      out.writes.suspend = std::move(over->writes.suspend);
    }
  out.writes.made = std::move(made);
  return out;
}

RegistrationRow registration_row(const Registration& registration, const CredentialingPorts& ports) {
  return {registration.dsim_id, ports.operator_id, ports.route, registration.nonce.clone(), registration.expires_ms};
}

Result<OpenedHello> open_hello(std::string_view body) { return OpenedHello{TF_TRY(decode_hello(body))}; }

Result<Step> hello(const OpenedHello& request, std::string_view authorization, const DeviceSnapshot& snapshot, const CredentialingPorts& ports) {
  const Hello& hello = request.hello;
  const std::int64_t now = ports.clock.now_ms();
  (void)TF_TRY(check_access(authorization, ports.access, ports.verifier, now));
  Shown signing = TF_TRY(ports.verifier.verify_module(hello.signing, pki::Usage::onboard_module, hello.dsim_id, now));
  Shown decryption = TF_TRY(ports.verifier.verify_module(hello.decryption, pki::Usage::onboard_module_decryption, hello.dsim_id, now));
  TF_CHECK(check_open(snapshot.registration, now));
  const Registration& registration = *snapshot.registration;
  const Hash256 device = device_hash(signing.leaf.der(), decryption.leaf.der());
  if (registration.pinned && *registration.pinned != device)
    return refused("onboard.pinned_otherwise", "the contract names other certificates of " + hello.dsim_id);
  if (registration.state == RegistrationState::released && registration.device != device)
    return alarmed(AlarmKind::used_by_other, registration, "onboard.hello", refused("onboard.used_by_other", "another module has this registration"));
  HelloAnswer answer{new_id(ports.random), ports.random.array<16>(), ports.operator_id, ports.signer.chain, kSessionMs / 1000};
  const Transcript transcript{ports.operator_id, hello.dsim_id, hello.nonce_d, answer.nonce_c, device, operator_hash(ports.signer.chain.front()),
                              nonce_hash(registration.nonce)};
  Step out;
  out.reply = encode(answer);
  out.writes.session = Session{answer.session,   registration.id, hello.dsim_id,  std::move(signing), std::move(decryption),
                               hello.decryption, device,          transcript_hash(transcript), now + kSessionMs};
  return out;
}

Result<std::optional<Step>> withdraw(const Registration& registration) {
  if (registration.state == RegistrationState::closed) return refused("onboard.closed", "the credential is delivered");
  const bool open = registration.state == RegistrationState::registered || registration.state == RegistrationState::released;
  const bool unsettled = registration.state == RegistrationState::expired && was_released(registration);
  if (!open && !unsettled) return std::optional<Step>();
  return std::optional(ended(registration, RegistrationState::withdrawn, "onboard.withdraw"));
}

std::optional<Step> expire(const Registration& registration, std::int64_t now_ms) {
  const bool open = registration.state == RegistrationState::registered || registration.state == RegistrationState::released;
  if (!open || now_ms < registration.expires_ms) return std::nullopt;
  return ended(registration, RegistrationState::expired, "onboard.expire");
}

}  // namespace tf::onboard
