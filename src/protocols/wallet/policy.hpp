// What the operator configured for the wallet.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "protocols/wallet/password.hpp"

namespace tf::wallet {

struct Policy {
  bool modern = true;
  bool classic = false;         // phones of the source's own login and payment may take part
  bool key_of_phone = true;     // a key pair made on the phone, with a CSR
  bool key_of_platform = false; // the stated way: RSA-2048 made by the platform, S04–S06
  std::int64_t registration_minutes = 60;  // codes end
  std::int64_t approval_hours = 72;        // a registration that waits for the operator
  int registrations_per_hour = 5;          // of one number: each sends an SMS
  int code_tries = 5;                      // then new codes: another registration
  int password_tries = 5;                  // one after another; then the user is locked
  std::int64_t lock_minutes = 60;          // 0: until an operator unlocks
  std::int64_t session_minutes = 15;
  std::int64_t order_minutes = 30;         // an order may not expire later than this
  std::map<std::string, std::int64_t> critical_from = {};  // by currency: amounts from here on are sealed; none: never has to
  crypto::ScryptCost cost = kPasswordCost;
  int file_iterations = 600'000;           // PBKDF2 and MAC of the certificate file
};

}  // namespace tf::wallet
