// A message on its way through the service, and what its route has opened of it. Private to the service.
#pragma once
#include "platform/wallet/service.hpp"
#include "wire/encoding.hpp"

namespace tf::platform {

struct WalletService::Message {
  std::string route;
  std::string body;
  Reply reply;
  std::string subject{};  // the registration, as soon as it is known
  int attempt = 0;
  std::optional<wallet::OpenedActivate> activate{};
  // pay, query, refund:
  std::shared_ptr<const wallet::Session> session{};  // held until the answer
  std::optional<InstrumentRow> instrument{};
  bool gateway = false;  // pay: the one that is named takes phones
  bool foreseen = false;  // pay: the step stands on what was read before
  std::string transaction{};
  std::string currency{};
  std::optional<payment::Order> offered{};  // query: the direct order that the phone comes back with
  std::optional<bool> brought{};  // query: what the network's gateway gave the phone, verified: whether it paid
  bool asked = false;             // and the gateway was asked about it
};

// Of a user's certificate: the number as its name, the registration's 16 bytes in hex as its serial number, which is a PrintableString
// and has no place for the "_" of base64url.
inline pki::Names user_names(const std::string& number, const std::string& registration) {
  return {.subject = {{"commonName", number}, {"serialNumber", wire::hex_lower(wire::from_base64url(registration).value_or(Bytes()))}}, .alternative = {}};
}
inline vault::SymmetricSpec pin_key_spec() { return {vault::SymmetricAlgorithm::aes, 32, vault::SymmetricPurpose::pin}; }

// A move-only write that is kept with a request that can be copied.
inline std::function<Status(store::Session&)> share(store::WriteFn write) {
  return [held = std::make_shared<store::WriteFn>(std::move(write))](store::Session& session) { return (*held)(session); };
}

}  // namespace tf::platform
