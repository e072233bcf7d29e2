#include "platform/cardsign/known_payers.hpp"

namespace tf::platform {
namespace {

constexpr std::size_t kMostKnown = 16'384;  // some 3 KB each, 10 where somebody has many instruments

}  // namespace

KnownPayerPtr KnownPayers::take(const std::string& serial, std::uint8_t container, const std::string& certificate) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_card_.find(serial);
  if (found == by_card_.end() || found->second->card.container != container || found->second->certificate != certificate) return nullptr;
  return found->second->ready.exchange(false) ? found->second : nullptr;
}

void KnownPayers::keep(const KnownPayerPtr& payer, std::uint64_t mark) {
  const std::lock_guard lock(mutex_);
  if (forgotten_ != mark) return;
  if (by_card_.size() >= kMostKnown) by_card_.clear(), cards_.clear();
  drop(payer->card.serial);
  cards_.insert_or_assign(payer->certificate, payer->card.serial);
  by_card_.insert_or_assign(payer->card.serial, payer);
}

void KnownPayers::drop(const std::string& serial) {
  const auto found = by_card_.find(serial);
  if (found == by_card_.end()) return;
  cards_.erase(found->second->certificate);
  by_card_.erase(found);
}

void KnownPayers::forget_certificate(const std::string& serial_hex) {
  const std::lock_guard lock(mutex_);
  ++forgotten_;
  if (const auto found = cards_.find(serial_hex); found != cards_.end()) drop(std::string(found->second));
}

void KnownPayers::forget_card(const std::string& serial) {
  const std::lock_guard lock(mutex_);
  ++forgotten_;
  drop(serial);
}

void KnownPayers::forget_payer(std::string_view payer) {
  if (!payer.starts_with(kPayers)) return;
  const std::lock_guard lock(mutex_);
  ++forgotten_;
  std::erase_if(by_card_, [&](const auto& each) {
    if (each.second->card.user != payer.substr(kPayers.size())) return false;
    cards_.erase(each.second->certificate);
    return true;
  });
}

}  // namespace tf::platform
