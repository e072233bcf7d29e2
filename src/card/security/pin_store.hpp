// PINs and PUKs with their retry counters. A try is taken off durably before the comparison and given back after a right one, so that no power-off
// gains a try. Values are octet strings compared whole and in constant time (padding belongs to the application). The owner's PIN and PUK are
// kPin and kPuk of services.hpp, one for the whole card; "is verified" is the session's to remember.
#pragma once
#include <cstdint>
#include <string_view>

#include "card/answer.hpp"
#include "card/memory/memory.hpp"

namespace tf::card {

class PinStore {
 public:
  explicit PinStore(Memory& memory) : memory_(memory) {}

  // Makes or replaces one. tries: 1 to 15.
  Status create(std::string_view name, ByteView value, unsigned tries);
  [[nodiscard]] bool exists(std::string_view name) const;
  // 6A88 when there is none.
  [[nodiscard]] Answer<unsigned> tries_left(std::string_view name) const;
  [[nodiscard]] Answer<unsigned> tries_of(std::string_view name) const;  // when none was used up

  // Right: all tries are there again. 63Cx: wrong, x are left. 6983: none is left. 6A88, 6581.
  Done verify(std::string_view name, ByteView value);
  // verify(), then the new value.
  Done change(std::string_view name, ByteView value, ByteView fresh);
  // verify() of the other (the PUK), then the new value with all its tries.
  Done unblock(std::string_view name, std::string_view puk, ByteView puk_value, ByteView fresh);
  // Without asking: the administrator's or personalisation's way. All tries are there again. Code::not_found "card.no_pin".
  Status set(std::string_view name, ByteView fresh);
  Status set_tries(std::string_view name, unsigned tries);
  // Whether the value is the one personalisation gave (Yubico's metadata ask for that).
  [[nodiscard]] bool is_default(std::string_view name) const;

 private:
  Memory& memory_;
};

}  // namespace tf::card
