// Steps 501–512: the card makes its keys, the authority certifies them, the card takes the certificates.
//
//   begin()     → commands                       reads serial, factory and channel certificates
//   answered()  → CardWanted → found()           SCP03 by the keys of that serial; nothing is kept on either side before it stands
//   answered()  → ContainerWanted → intended()   only for a container that the platform makes and the card does not have: CREATE CONTAINER
//   answered()  → ContainerMade → noted()        it is on the card
//   answered()  → CertificateWanted → certified()    for each slot: key, request, attestation; then STORE CERTIFICATE
//   answered()  → SlotStored → kept()            the next slot, or Enrolled
#pragma once
#include "protocols/cardsign/line.hpp"
#include "protocols/cardsign/platform.hpp"

namespace tf::cardsign {

// A key that was made on this card for this enrolment, as request and attestation prove.
struct CertificateWanted {
  Slot slot = Slot::payment;
  crypto::PublicKey key;
};
// A further person's container, which the platform makes.
struct NewContainer {
  SecretBytes puk;        // 8 octets; by it the person sets the PIN, which nobody knows before
  bool intended = false;  // a session before this one was about to make it
};
// To be written down before intended(): from here on a container that is there may be ours.
struct ContainerWanted {
  std::uint8_t container = 0;
};
// To be written down before noted(); the PUK is forgotten.
struct ContainerMade {
  std::uint8_t container = 0;
};
// To be written down before kept().
struct SlotStored {
  Slot slot = Slot::payment;
  Bytes certificate;
  bool last = false;  // the code is used up
};

struct EnrolmentSnapshot {
  CardRow card;                              // whose code it was
  apdu::scp03::StaticKeys keys;
  std::vector<pki::Certificate> manufacturers;
  std::vector<StoredCertificate> stored;     // earlier, with the same code
  std::optional<NewContainer> container{};   // none: it is on the card
};

class EnrolmentSession {
 public:
  using Next = std::variant<Commands, CardWanted, ContainerWanted, ContainerMade, CertificateWanted, SlotStored, Enrolled>;

  // serial: as the terminal said, or empty.
  EnrolmentSession(Policy policy, std::string serial) : policy_(std::move(policy)), serial_(std::move(serial)) {}

  Result<Next> begin();
  Result<Next> answered(const std::vector<Bytes>& answers, const PlatformPorts& ports);
  Result<Next> found(EnrolmentSnapshot snapshot, const PlatformPorts& ports);
  Result<Next> intended(const PlatformPorts& ports);
  Result<Next> noted(const PlatformPorts& ports);
  Result<Next> certified(Bytes certificate);
  Result<Next> kept(const PlatformPorts& ports);
  [[nodiscard]] const std::string& serial() const { return serial_; }

 private:
  enum class State { begun, reading, looking, opening, authenticating, counting, intending, creating, noting, making, certifying, storing, keeping, over };
  Result<Next> read(const std::vector<Bytes>& answers);
  Result<Next> ready(const PlatformPorts& ports);
  Result<Next> look_for_container(const std::vector<Bytes>& answers, const PlatformPorts& ports);
  Result<Next> create_container(const PlatformPorts& ports);
  Result<Next> make_key(const PlatformPorts& ports);
  Result<Next> check_key(const std::vector<Bytes>& answers, const PlatformPorts& ports);

  Policy policy_;
  std::string serial_;
  Line line_ = {};
  State state_ = State::begun;
  Bytes factory_ = {}, channel_ = {};  // as the card told
  CardRow card_ = {};
  std::optional<NewContainer> container_ = {};
  std::vector<Slot> left_ = {};
  apdu::shield::EnrolmentNonce nonce_ = {};
  Bytes certificate_ = {};
  std::vector<StoredCertificate> stored_ = {};
};

}  // namespace tf::cardsign
