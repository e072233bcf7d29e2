// What differs from one card network to the next.
#pragma once
#include <chrono>
#include <string>

#include "base/result.hpp"
#include "crypto/banking/retail_mac.hpp"
#include "frontends/card/message.hpp"
#include "net/link/framing.hpp"

namespace tf::frontends::card {

struct Profile {
  std::string name = "card";  // the front end's; also names its rows of keys
  net::Framing framing{.coding = net::Framing::Coding::binary, .length_size = 2, .inclusive = false, .min_size = 1, .max_size = kMaxMessage};
  Coding coding{};
  crypto::MacPadding mac_padding = crypto::MacPadding::method_1;
  std::size_t pin_key_size = 16;  // octets of the ZPK: 16 or 24

  std::string institution = "00000001";  // field 32: ours, at most 11 digits
  std::string merchant_type = "5999";    // field 18, ISO 18245
  std::string entry_mode = "10";         // field 22, its first two digits: 10 is a card on file
  std::string condition = "59";          // field 25: 59 is electronic commerce
  int utc_offset_minutes = 0;            // of fields 12 and 13; field 7 is UTC

  // Field 70.
  std::string sign_on = "001";
  std::string key_exchange = "161";
  std::string echo = "301";

  std::chrono::milliseconds reply_timeout{15'000};   // to a payment, a refund, each attempt of a reversal
  std::chrono::milliseconds network_timeout{5'000};  // to a 0800
  std::chrono::milliseconds reversal_time{75'000};   // after that the books are told, and ask again
  std::chrono::milliseconds retry_pause{1'000};      // between attempts while the line is down; after a refused sign-on
  std::chrono::milliseconds echo_interval{60'000};
  int echoes_lost = 2;                               // so many in a row and the line is dialled anew
  std::chrono::milliseconds key_lifetime{24 * 3600 * 1000LL};
};

// Code::invalid "card.profile" names the setting.
Status check(const Profile& profile);

}  // namespace tf::frontends::card
