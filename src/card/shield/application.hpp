// The shield application (docs/card.md): what PIV lacks. Certificates of the card itself, key containers of several users, keys that attest where they were
// made, sign payment and sign hash with the PIN in an envelope, secure messaging (SCP03) for administration, and the source's commands in the forms of
// ISO/IEC 7816-4 and -8. Instructions, objects and tags are in apdu/shield.hpp.
//
// A PIN in the clear (VERIFY) opens keys for authentication, signature and encryption; it never opens a payment key. Inside a secure channel every command must be
// wrapped; a plain one is refused (6982) and SELECT ends the channel.
#pragma once
#include "card/application.hpp"
#include "card/services.hpp"

namespace tf::card::shield {

class ShieldApplication final : public Application {
 public:
  explicit ShieldApplication(Services& services) : services_(services) {}
  [[nodiscard]] ByteView aid() const override;
  std::unique_ptr<Session> open() override;

 private:
  Services& services_;
};

}  // namespace tf::card::shield
