// What a service asks of its terminals, as the operator configured it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace tf::access {

struct ServicePolicy {
  std::string name;
  std::int64_t key_minutes = 30LL * 24 * 60;  // KeyTime: short where security is high, longer where it is normal
  bool trust_first_use = false;               // a terminal may enrol without certificate or code
  bool key_renews = true;                     // a terminal may renew with its old key, up to one KeyTime after its end
  bool gateway = true;                        // false: reached directly, bound to Did alone
  bool modern = true;
  bool classic = false;                       // a terminal of the source's own flow may take part
  bool did_beside = false;                    // classic: Did may stand beside EDKey
  bool consent_rebinds = false;               // the old key may agree to another number or Did; else an operator does
  std::string private_apn;                    // profile the terminal switches to after success; empty: none
  bool did_may_change = false;                // the SIM may move to another terminal that has the key
  std::int64_t ticket_seconds = 3600;
  bool ticket_names_number = false;           // the ticket holds the MSISDN
  std::string audience;                       // of the ticket
  std::vector<std::string> clients;           // business services that may fetch keys and ask about tickets
};

}  // namespace tf::access
