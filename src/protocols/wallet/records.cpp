#include "protocols/wallet/records.hpp"

namespace tf::wallet {

std::string_view name_of(RegistrationState state) {
  switch (state) {
    case RegistrationState::codes_sent: return "codes_sent";
    case RegistrationState::waiting: return "waiting";
    case RegistrationState::proved: return "proved";
    case RegistrationState::preparing: return "preparing";
    case RegistrationState::active: return "active";
    case RegistrationState::locked: return "locked";
    case RegistrationState::superseded: return "superseded";
    case RegistrationState::expired: return "expired";
    case RegistrationState::closed: break;
  }
  return "closed";
}

Result<RegistrationState> parse_registration_state(std::string_view name) {
  using enum RegistrationState;
  for (const auto state : {codes_sent, waiting, proved, preparing, active, locked, superseded, expired, closed})
    if (name == name_of(state)) return state;
  return Error{Code::integrity, "wallet.state", "a stored registration has an unknown state"};
}

Registration Registration::clone() const {
  return {.id = id, .suite = suite, .key_maker = key_maker, .subscriber = subscriber, .person = person, .verifier = verifier.clone(),
          .spki = spki, .csr = csr, .codes = codes, .info3 = info3, .state = state, .tries = tries, .created_ms = created_ms,
          .ends_ms = ends_ms, .certificate = certificate, .thumbprint = thumbprint, .file = file, .used = used, .failures = failures,
          .locked_until_ms = locked_until_ms};
}

vault::SymmetricSpec derive_spec() { return {vault::SymmetricAlgorithm::hmac, 32, vault::SymmetricPurpose::derive}; }
vault::SymmetricSpec pin_spec() { return {vault::SymmetricAlgorithm::aes, 32, vault::SymmetricPurpose::pin}; }
vault::RowId codes_row(std::string_view registration) { return {"wallet_registrations", std::string(registration), 1}; }
vault::RowId info3_row(std::string_view registration) { return {"wallet_registrations", std::string(registration), 2}; }
vault::RowId message_key_row(std::string_view session) { return {"wallet_sessions", std::string(session), 1}; }
vault::RowId pin_key_row(std::string_view session) { return {"wallet_sessions", std::string(session), 2}; }

std::string_view name_of(AlarmKind kind) {
  switch (kind) {
    case AlarmKind::number_bound_otherwise: return "number_bound_otherwise";
    case AlarmKind::codes_locked: return "codes_locked";
    case AlarmKind::password_locked: return "password_locked";
    case AlarmKind::order_differs: break;
  }
  return "order_differs";
}

}  // namespace tf::wallet
