// What the payments of cards stood on, so that a card's next one need not read it again. It lets a payment be shown and does no more: nothing is refused or
// answered by it, and the transaction that books (paying.cpp) asks for all that may have changed. Each booking lends it to one payment; what changes in this
// process is forgotten at once, also while it is lent. Any thread.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "ca/register.hpp"
#include "platform/wallet/instruments.hpp"
#include "protocols/cardsign/platform.hpp"

namespace tf::platform {

// Who pays with a card, in the books and among the instruments.
inline constexpr std::string_view kPayers = "cardsign/";
inline std::string payer_of(const std::string& user) { return std::string(kPayers) + user; }

struct KnownPayer {
  cardsign::CardRow card{};                  // but for its counter
  std::vector<InstrumentRow> instruments{};  // the user's
  std::string certificate{};                 // serial number of the one that the card shows
  std::optional<ca::Shown> issued{};         // what the register has of it
  std::atomic<std::uint64_t> counter = 0;    // of the card's last payment
  std::atomic<bool> ready = false;           // for the next payment: from a booking on until one began
};
using KnownPayerPtr = std::shared_ptr<KnownPayer>;

// One for each card.
class KnownPayers {
 public:
  // Null unless this card's last payment was by this container and certificate, and is booked.
  [[nodiscard]] KnownPayerPtr take(const std::string& serial, std::uint8_t container, const std::string& certificate) const;

  // To be asked before what is to be kept is read: what is forgotten meanwhile is not kept.
  [[nodiscard]] std::uint64_t mark() const { return forgotten_; }
  void keep(const KnownPayerPtr& payer, std::uint64_t mark);
  static void booked(KnownPayer& payer, std::uint64_t counter) {
    payer.counter = counter;
    payer.ready = true;
  }

  void forget_certificate(const std::string& serial_hex);
  void forget_card(const std::string& serial);
  void forget_payer(std::string_view payer);  // as payer_of() has it; goes through all of them

 private:
  void drop(const std::string& serial);
  mutable std::mutex mutex_;
  std::unordered_map<std::string, KnownPayerPtr> by_card_;
  std::unordered_map<std::string, std::string> cards_;  // by certificate
  std::atomic<std::uint64_t> forgotten_ = 0;
};

}  // namespace tf::platform
