#include "protocols/onboard/records.hpp"

namespace tf::onboard {
namespace {

constexpr std::string_view kStates[] = {"registered", "released", "closed", "expired", "withdrawn"};

}  // namespace

std::string_view name_of(RegistrationState state) { return kStates[static_cast<std::size_t>(state)]; }

Result<RegistrationState> parse_registration_state(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kStates); ++i)
    if (kStates[i] == name) return static_cast<RegistrationState>(i);
  return Error{Code::integrity, "onboard.state", "a registration is in no known state"};
}

std::string_view name_of(AlarmKind kind) {
  switch (kind) {
    case AlarmKind::used_by_other: return "used by another module";
    case AlarmKind::nonce_wrong: return "wrong registration nonce";
    case AlarmKind::revoked: return "revoked module";
    case AlarmKind::receipt_wrong: break;
  }
  return "receipt for another envelope";
}

Registration Registration::clone() const {
  Registration out;
  out.id = id;
  out.dsim_id = dsim_id;
  out.owner = owner;
  out.plan = plan;
  out.nonce = nonce.clone();
  out.pinned = pinned;
  out.state = state;
  out.version = version;
  out.created_ms = created_ms;
  out.expires_ms = expires_ms;
  out.device = device;
  out.envelope_hash = envelope_hash;
  out.envelope = envelope;
  out.signing = signing;
  out.transcripts = transcripts;
  return out;
}

}  // namespace tf::onboard
