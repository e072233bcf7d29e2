// What the card's operating system lends its applications; the parts are rooms of their own in the folders memory, security, keys, files.
#pragma once
#include <array>

#include "base/ports.hpp"
#include "card/files/file_system.hpp"
#include "card/keys/key_store.hpp"
#include "card/memory/memory.hpp"
#include "card/security/pin_store.hpp"

namespace tf::card {

inline constexpr std::uint8_t kMaxContainer = 15;  // of users; 0 is the owner's

class Services {
 public:
  Services(Memory& nonvolatile, Random& chance) : memory(nonvolatile), random(chance), pins(nonvolatile), keys(nonvolatile), files(nonvolatile) {}
  Memory& memory;
  Random& random;
  PinStore pins;
  KeyStore keys;
  FileSystem files;
  // How often each user's container was deleted in this process: what a session proved for one counts for that one alone.
  std::array<std::uint32_t, kMaxContainer + 1> deletions{};
};

// Records of the card itself, made by personalisation (personalise.hpp).
inline constexpr std::string_view kSerialRecord = "card/serial";  // text, as pki's certificates name it
// The owner's PIN and PUK, for every application of the card.
inline constexpr std::string_view kPin = "pin";
inline constexpr std::string_view kPuk = "puk";

}  // namespace tf::card
