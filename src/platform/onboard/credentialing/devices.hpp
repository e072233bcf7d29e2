// What devices and provisioning servers ask a credentialing server (steps 3 to 12): OCSP and the HSS are asked before anything is written,
// the release is one transaction, deliveries are told before READY leaves.
#pragma once
#include <array>
#include <mutex>

#include "platform/onboard/credentialing/desk.hpp"
#include "platform/onboard/role.hpp"

namespace tf::platform::credentialing {

// Receipts that were taken, a few thousand of the last ones. A device's receipt comes by way of the provisioning server and from itself: the
// same octets again are answered alike, and nothing else happens. Where a later one took its place, a receipt is judged anew.
class TakenReceipts {
 public:
  [[nodiscard]] bool has(const Hash256& hash) const {
    const std::lock_guard lock(mutex_);
    return taken_[place_of(hash)] == hash;
  }
  void put(const Hash256& hash) {
    const std::lock_guard lock(mutex_);
    taken_[place_of(hash)] = hash;
  }

 private:
  static constexpr std::size_t kPlaces = 4096;
  static std::size_t place_of(const Hash256& hash) { return (hash[0] | static_cast<std::size_t>(hash[1]) << 8) % kPlaces; }
  mutable std::mutex mutex_;
  std::array<Hash256, kPlaces> taken_{};
};

class Devices {
 public:
  explicit Devices(Desk& desk) : desk_(desk) {}
  Result<std::string> hello(const OnboardCall& call, std::string& subject);
  // Without waiting: where nothing is to be written down.
  std::optional<Result<std::string>> hello_promptly(const OnboardCall& call, std::string& subject);
  Result<std::string> request(const OnboardCall& call, std::string& subject);
  Result<std::string> envelope(const OnboardCall& call, std::string& subject);
  Result<std::string> receipt(const OnboardCall& call, std::string& subject);
  std::optional<Result<std::string>> receipt_promptly(const OnboardCall& call);  // one that was taken

 private:
  using Lines = std::vector<OnboardLine*>;
  struct Greeting {
    onboard::Step step;
    Cause cause;
  };
  Result<Greeting> greet(const OnboardCall& call, std::string& subject);
  Result<std::string> greeted(onboard::Step step);
  // noted: servers that the envelope may go to already, for a registration that is released here and now; none otherwise.
  Result<onboard::Released> release(const onboard::Proved& proved, const std::vector<onboard::Outcome>& outcomes, onboard::DeviceSnapshot snapshot, Lines& noted);
  Result<std::vector<onboard::Provisioning>> deliver(onboard::Released& released, const Lines& servers, const Lines& noted);

  Desk& desk_;
  TakenReceipts taken_;
};

}  // namespace tf::platform::credentialing
