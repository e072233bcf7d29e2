// Steps 601–608: the card's certificate, what is to be shown, the PIN, the signature, the order.
//
//   begin()     → commands                    serial, channel and payment certificate; PREPARE PAYMENT, unless the policy wants it sealed
//   answered()  → CardWanted → found()        the card's row, the order, its user's instrument; the certificate is asked about
//               → (commands: SCP03, PREPARE PAYMENT, where sealed) → Display
//   entered()   → commands                    SIGN PAYMENT, or SIGN HASH
//   answered()  → Display anew after a wrong PIN; SignedPayment → booked()
//   booked()    → Paid
#pragma once
#include "apdu/payment_structure.hpp"
#include "protocols/cardsign/line.hpp"
#include "protocols/cardsign/platform.hpp"

namespace tf::cardsign {

// As a merchant ordered it.
struct Order {
  std::string payment;  // id
  std::string merchant;
  std::string number;
  std::int64_t amount = 0;
  std::string currency;
  std::string subject;
  std::string user{};  // empty: anybody's
  std::int64_t expires_ms = 0;
  friend bool operator==(const Order&, const Order&) = default;
};

struct PaymentSnapshot {
  CardRow card;
  Order order;
  bool is_signed = false;  // already
  std::string instrument;  // token of the user's that pays; empty: none that fits
  apdu::scp03::StaticKeys keys{};  // where sealed
};

// What the card signed, verified. To be booked, all of it in one transaction, the certificate being asked about anew.
struct SignedPayment {
  std::string payment;
  std::string serial;
  std::string user;
  std::uint8_t container = 0;
  Suite suite = Suite::modern;
  Bytes structure;    // M
  Bytes octets;       // T
  Hash256 digest{};   // H(T)
  Bytes signature;
  std::uint64_t counter = 0;
  Bytes certificate;  // DER
  std::string instrument;
};

// How the order stands after it was booked.
struct Booked {
  std::string transaction;
  Outcome outcome = Outcome::pending;
  std::int64_t amount = 0;
  std::string currency;
};

class PaymentSession {
 public:
  using Next = std::variant<Commands, Display, CardWanted, SignedPayment, Paid>;
  // Path, usage, validity and revocation of the certificate that a card shows; Code::refused "cardsign.certificate_…".
  using CheckCertificate = std::function<Status(const pki::Certificate& certificate, pki::Usage usage)>;

  // Code::refused "cardsign.suite" for one that the policy does not allow.
  static Result<PaymentSession> make(const Policy& policy, PayRequest request);

  Result<Next> begin();
  Result<Next> answered(const std::vector<Bytes>& answers, const PlatformPorts& ports);
  Result<Next> found(PaymentSnapshot snapshot, const CheckCertificate& check, const PlatformPorts& ports);
  Result<Next> entered(ByteView pin_envelope);
  Result<Next> booked(const Booked& order, const PlatformPorts& ports) const;
  [[nodiscard]] const PayRequest& request() const { return request_; }
  [[nodiscard]] const pki::Certificate& certificate() const { return *certificate_; }
  [[nodiscard]] pki::Usage usage() const { return usage_of(slot_); }
  [[nodiscard]] bool asks_for_pin() const { return state_ == State::showing; }

 private:
  enum class State { begun, reading, looking, opening, authenticating, preparing, showing, signing, booking, over };
  PaymentSession(bool sealed, PayRequest request)
      : sealed_(sealed), request_(std::move(request)), slot_(request_.suite == Suite::modern ? Slot::payment : Slot::hash) {}
  Result<Next> read(const std::vector<Bytes>& answers, const PlatformPorts& ports);
  Result<Next> prepare();
  Result<Next> show(const Bytes& prepared, const PlatformPorts& ports);
  Result<Next> check_signature(const std::vector<Bytes>& answers);
  [[nodiscard]] Bytes signed_octets(std::uint64_t counter) const;

  bool sealed_;
  PayRequest request_;
  Slot slot_;
  Line line_ = {};
  State state_ = State::begun;
  std::string serial_ = {};
  Bytes channel_ = {};
  std::optional<pki::Certificate> certificate_ = {};
  Bytes prepared_ = {};
  std::optional<PaymentSnapshot> at_ = {};
  apdu::PaymentStructure payment_ = {};
  Bytes structure_ = {};
  apdu::shield::Prepared nonce_ = {};
  std::optional<int> tries_ = {};
  Hash256 digest_ = {};
};

// Payload of the JWS, signed by the key of usage cardsignServer.
Result<std::string> sign_display(const DisplayClaim& claim, const PlatformPorts& ports);
Result<std::string> sign_result(const ResultClaim& claim, const PlatformPorts& ports);

}  // namespace tf::cardsign
