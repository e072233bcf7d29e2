// The working keys at work. Every operation happens in the vault; keys that come are unwrapped there under the zone key.
// The keys before the newest still verify, and still open what is on its way. Any thread.
#pragma once
#include <memory>
#include <mutex>
#include <optional>

#include "base/ports.hpp"
#include "frontends/card/keys.hpp"
#include "frontends/card/profile.hpp"
#include "payment/front_end.hpp"

namespace tf::frontends::card {

class KeyRing {
 public:
  KeyRing(const vault::Vault& vault, Keys& keys, const Clock& clock, const Profile& profile);

  // Reads what the platform keeps.
  Status load();
  // Field 48 of a key exchange: two X9.143 key blocks one after another, usage P0 (ZPK) and M3 (ZAK), TDES, in either order.
  // Code::malformed "card.key_field" for anything else (a cryptogram without a header among it); Code::refused
  // "card.same_key" for keys that are there already, so an old exchange cannot be played again unnoticed while its keys are
  // known; errors of the vault for blocks that do not open.
  Status install(std::string_view field_48);
  // Are there keys, younger than the profile's lifetime?
  [[nodiscard]] bool fresh() const;
  [[nodiscard]] std::int64_t generation() const;  // 0: none

  // Code::unavailable "card.no_keys" before the first exchange; errors of the vault. generation: of the keys, 0 for the newest.
  [[nodiscard]] Result<ByteArray<8>> mac(ByteView data, std::int64_t generation = 0) const;
  // Under the newest keys or those before. Code::refused "vault.mac".
  [[nodiscard]] Status verify(ByteView data, ByteView mac) const;
  // The phone's format 4 as format 0 under the newest ZPK. The message's MAC is to be of the same generation: the host takes
  // both keys from one exchange, and new ones may come in between. Code::refused "vault.pin_block".
  struct Pin {
    ByteArray<8> block{};
    std::int64_t generation = 0;
  };
  [[nodiscard]] Result<Pin> translate(const payment::PinBlock& pin, const SecretBytes& pan) const;

 private:
  struct State {
    std::optional<WorkingKeys> newest, before;
  };
  [[nodiscard]] std::shared_ptr<const State> state() const;
  [[nodiscard]] Result<StoredKey> take_in(const std::string& block, const StoredKey& zone, const char* suffix, std::int64_t generation) const;

  const vault::Vault& vault_;
  Keys& keys_;
  const Clock& clock_;
  const Profile& profile_;
  mutable std::mutex mutex_;
  std::shared_ptr<const State> state_ = std::make_shared<const State>();
};

}  // namespace tf::frontends::card
