// Renewal over the air: certificates for keys that the card has, in secured packets, and their proofs of receipt.
#pragma once
#include "apdu/secured_packet.hpp"
#include "protocols/cardsign/line.hpp"
#include "protocols/cardsign/platform.hpp"

namespace tf::cardsign {

struct Update {
  std::string id;
  std::uint8_t container = 0;
  Slot slot = Slot::payment;
  Bytes certificate;  // DER
};

// The secured packet for one of them, and what its proof of receipt says: carried out; else Code::refused
//   "cardsign.ota_proof"    it proves nothing
//   "cardsign.ota_counter"  the card had a higher counter before: the packet did nothing
//   "cardsign.ota_status"   the card did not take the certificate
Result<Bytes> update_packet(const Update& update, std::uint64_t counter, const apdu::ota::Keys& keys);
Status check_update_proof(ByteView proof, std::uint64_t counter, const apdu::ota::Keys& keys);

struct UpdateSnapshot {
  CardRow card;
  apdu::ota::Keys keys;
  std::vector<Update> waiting;       // in their order; those beyond kMostUpdates wait for the next session
  std::uint64_t first_counter = 0;   // reserved durably, one for each: they are used once whatever becomes of the session
};
inline constexpr std::size_t kMostUpdates = 8;

class UpdateSession {
 public:
  // done: what was proved to be carried out; to be written down. refused: the rest was not, and why.
  struct Outcome {
    std::vector<std::string> done;
    std::optional<Error> refused;
  };
  static Result<UpdateSession> make(UpdateSnapshot snapshot);

  // SELECT, and one ENVELOPE for each; nothing when nothing waits.
  [[nodiscard]] Result<std::optional<Commands>> begin();
  Result<Outcome> answered(const std::vector<Bytes>& answers);
  [[nodiscard]] const std::string& serial() const { return at_.card.serial; }

 private:
  explicit UpdateSession(UpdateSnapshot snapshot) : at_(std::move(snapshot)) {}
  [[nodiscard]] Status check_proof(const apdu::ResponseApdu& answer, std::uint64_t counter) const;
  UpdateSnapshot at_;
  bool sent_ = false;
};

}  // namespace tf::cardsign
