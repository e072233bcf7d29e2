// How staff of an operator, a PHLR or a contract front end call a server of onboard: with the client certificates of the platform's operators,
// or others under the same root that the server's settings know.
#pragma once
#include "apps/trustferry/line/admin_options.hpp"

namespace tf::cli {

inline void add_onboard_options(CLI::App& app, AdminAccess& access, const char* option, const char* whose) {
  app.add_option(option, access.url, whose);
  app.add_option("--platform", access.directory, "data directory with operators/ and root.crt")->capture_default_str();
  app.add_option("--as", access.as, "whose certificate: of PLATFORM/operators")->capture_default_str();
  app.add_option("--certificate", access.certificate, "a client certificate (PEM), when it is elsewhere");
  app.add_option("--key", access.key, "its private key (PEM), when it is elsewhere");
  app.add_option("--root", access.root, "root certificate (PEM), when it is elsewhere");
}

}  // namespace tf::cli
