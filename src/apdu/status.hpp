// Status words (ISO/IEC 7816-4 §5.6, SP 800-73-4 part 2, ETSI TS 102 221 §10.2). Not every value has a name: 63Cx and 61xx carry a number.
#pragma once
#include <cstdint>
#include <string>

namespace tf::apdu {

enum class StatusWord : std::uint16_t {
  ok = 0x9000,
  memory_failure = 0x6581,              // a durable write did not happen
  wrong_length = 0x6700,
  channel_not_supported = 0x6881,
  secure_messaging_not_supported = 0x6882,
  last_of_chain_expected = 0x6883,
  chaining_not_supported = 0x6884,
  incompatible_file = 0x6981,
  security_status = 0x6982,             // PIN, administrator or secure channel is missing
  blocked = 0x6983,                     // no try is left
  reference_not_usable = 0x6984,
  conditions_of_use = 0x6985,           // out of state
  no_current_file = 0x6986,
  missing_sm_object = 0x6987,
  wrong_sm_object = 0x6988,
  wrong_data = 0x6A80,
  function_not_supported = 0x6A81,
  file_not_found = 0x6A82,
  record_not_found = 0x6A83,
  not_enough_memory = 0x6A84,
  wrong_p1_p2 = 0x6A86,
  wrong_nc = 0x6A87,
  reference_not_found = 0x6A88,         // no such key, PIN or container
  exists = 0x6A89,
  wrong_offset = 0x6B00,
  wrong_ins = 0x6D00,
  wrong_cla = 0x6E00,
  no_diagnosis = 0x6F00,
  authentication_failed = 0x6300,       // an answer to a challenge was wrong
  mac_wrong = 0x9862,                   // AKA: MAC-A is not the network's (TS 31.102 §7.3.1)
};

constexpr std::uint16_t number_of(StatusWord status) { return static_cast<std::uint16_t>(status); }
// 63Cx: wrong, and x tries are left (15 at most is told).
constexpr StatusWord tries_left(unsigned tries) { return static_cast<StatusWord>(0x63C0 | (tries < 15 ? tries : 15)); }
// 61xx: this many octets are to be fetched; 256 and more are 6100.
constexpr StatusWord more_data(std::size_t octets) { return static_cast<StatusWord>(0x6100 | (octets < 256 ? octets : 0)); }
// 6Cxx: ask again with Le = xx.
constexpr StatusWord correct_le(std::size_t octets) { return static_cast<StatusWord>(0x6C00 | (octets & 0xFF)); }
// The number of a 63Cx, or -1.
constexpr int tries_of(StatusWord status) { return (number_of(status) & 0xFFF0) == 0x63C0 ? number_of(status) & 0x0F : -1; }

// "6982 (security status not satisfied)".
std::string describe(StatusWord status);

}  // namespace tf::apdu
