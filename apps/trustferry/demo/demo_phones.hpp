// The demo's phones: a real nginx as the operator's gateway, SIMs as loopback addresses it knows numbers of.
#pragma once
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace tf::cli {

struct PhoneScene {
  std::string directory;  // for the gateway; made
  std::string gateway_certificate, gateway_key, root;  // files
  std::string keys;       // the platform's JWK set, a file
  int gateway_port = 0;
  int access_port = 0;    // of the platform
  int phones = 200;
};
inline constexpr const char* kPhoneService = "demo";

struct PhoneReport {
  std::int64_t bound = 0;
  std::int64_t tickets = 0;
  std::int64_t swapped_refused = 0;   // of two phones whose SIMs were swapped
  std::int64_t foreign_refused = 0;   // a SIM in a handset that is not its own
  double seconds = 0;
};
// Code::not_found "demo.nginx" where nginx is not installed.
Result<PhoneReport> run_phones(const PhoneScene& scene);

}  // namespace tf::cli
