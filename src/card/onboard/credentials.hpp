// The two credentials of the module, and which subscription the card's USIM has: the installed one, before it the preliminary one, without both the
// manufacturer's. Each key has one sequence, shared by whoever authenticates with it, whichever slot it is in; it outlives the credential, the
// module and the card's user.
#pragma once
#include <optional>
#include <string>

#include "card/answer.hpp"
#include "card/personalise.hpp"
#include "crypto/aka/usim.hpp"

namespace tf::card::onboard {

inline constexpr std::string_view kNameRecord = "onboard/name";  // the module's, when there is one

struct Installed {
  Subscription own;  // its ICCID may be empty
  Bytes note = {};
};
// slot: 01 preliminary, 02 subscription.
[[nodiscard]] Result<std::optional<Installed>> installed(const Memory& memory, std::uint8_t slot);
// The same once more changes nothing; 6A89 when the slot holds another one, 6A84 when the card remembers kMaxCredentials others. One that was here
// before goes on with its sequence.
Done install(Memory& memory, std::uint8_t slot, const Installed& credential);
Done erase(Memory& memory, std::uint8_t slot);

struct Usim {
  Subscription own;
  std::string sequence;  // the record's name
};
// Code::not_found "card.no_keys" when there is none at all.
Result<Usim> usim_of(const Memory& memory);
// 6A88 for an empty slot.
Answer<Usim> usim_of_slot(const Memory& memory, std::uint8_t slot);

// TS 31.102 §7.1.2.1, 3G context: DB { RES, CK, IK }, DC { AUTS }, 9862. A sequence number that was taken is durable before this returns.
Answer<Bytes> authenticate(Memory& memory, const Usim& usim, const crypto::Rand& rand, const crypto::Autn& autn);

}  // namespace tf::card::onboard
