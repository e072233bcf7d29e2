// Client certificates for operators and peers: the key is made here and stays here, only the request leaves.
#pragma once
#include <string>

#include "apps/trustferry/line/admin_client.hpp"

namespace tf::cli {

struct Enrolment {
  std::string target;      // of the admin API
  std::string name;
  std::string attribute;   // "role" or "kind" …
  std::string value;       // … and which
  std::string out;         // files OUT.crt and OUT.key are written
};
Status enrol(AdminClient& client, const Enrolment& wanted);
// A new key and certificate for the operator who calls.
Status renew(AdminClient& client, const std::string& name, const std::string& out);

}  // namespace tf::cli
