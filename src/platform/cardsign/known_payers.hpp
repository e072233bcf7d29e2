// What the last payment of a card stood on, by the certificate it showed, so that its next one need not read it again. None of it is believed: what may have
// changed (register, holder, counter, certificate, instrument) is asked in the transaction that books (paying.cpp), and what changes here is forgotten at once,
// so that a person is mostly refused before the PIN. Of a card with an errand of its own (removals, a preset certificate) nothing is kept. Any thread.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/remembered.hpp"
#include "ca/register.hpp"
#include "platform/wallet/instruments.hpp"
#include "protocols/cardsign/platform.hpp"

namespace tf::platform {

// Who pays with a card, in the books and among the instruments.
inline std::string payer_of(const std::string& user) { return "cardsign/" + user; }

struct KnownPayer {
  cardsign::CardRow card{};                  // its counter is the one below
  std::atomic<std::uint64_t> counter = 0;    // of the card's last payment here
  std::vector<InstrumentRow> instruments{};  // the user's
  std::optional<ca::Shown> issued{};         // the register's, of the certificate that the card shows
};
using KnownPayerPtr = std::shared_ptr<KnownPayer>;

class KnownPayers {
 public:
  // Null unless this card paid with this container and certificate lately.
  [[nodiscard]] KnownPayerPtr find(const std::string& certificate_serial, const std::string& serial, std::uint8_t container) const {
    const KnownPayerPtr out = kept_.find(certificate_serial).value_or(nullptr);
    return out && out->card.serial == serial && out->card.container == container ? out : nullptr;
  }
  void keep(const std::string& certificate_serial, KnownPayerPtr payer) { kept_.keep(certificate_serial, std::move(payer)); }
  void forget(const std::string& certificate_serial) { kept_.forget(certificate_serial); }
  void forget_card(const std::string& serial) {
    kept_.forget_if([&](const KnownPayerPtr& it) { return it->card.serial == serial; });
  }
  void forget_payer(const std::string& payer) {  // as payer_of() has it
    kept_.forget_if([&](const KnownPayerPtr& it) { return payer_of(it->card.user) == payer; });
  }

 private:
  Remembered<KnownPayerPtr> kept_{16'384};  // some 3 KB each
};

}  // namespace tf::platform
